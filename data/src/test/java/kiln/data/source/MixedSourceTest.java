package kiln.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.MixedSource.Part;
import kiln.data.source.MixedSource.WhenExhausted;
import org.junit.jupiter.api.Test;

class MixedSourceTest {
  /**
   * Drafts whose captions are {@code name + number}, and whose ids are the numbers.
   *
   * @param splits t for training, v for validation
   */
  private record Counted(String name, String splits, BucketTable buckets) implements Source {
    Counted(String name, String splits) {
      this(name, splits, BucketTable.square(16, 32));
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("splits", splits.length());
    }

    @Override
    public Map<String, Object> notes() {
      return Map.of("from", name);
    }

    @Override
    public OptionalLong count(Split split) {
      return OptionalLong.of(splits.chars().filter(c -> c == (split == Split.TRAIN ? 't' : 'v')).count());
    }

    @Override
    public Drafts drafts(SkipReport skips) {
      return Drafts.of(
          IntStream.range(0, splits.length())
              .mapToObj(
                  i ->
                      new Draft(
                          splits.charAt(i) == 't' ? Split.TRAIN : Split.VALIDATION,
                          () -> Sample.of(i, buckets.sizes().getFirst(), target -> {}, name + i, "{}")))
              .iterator());
    }
  }

  private static List<String> captions(Source source, Split split) throws UnusableException {
    List<String> captions = new ArrayList<>();
    try (Drafts drafts = source.drafts(new SkipReport(true))) {
      while (drafts.hasNext()) {
        Draft draft = drafts.next();
        if (draft.split() == split) {
          captions.add(new String(draft.make().caption(), StandardCharsets.UTF_8));
        }
      }
    }
    return captions;
  }

  private static MixedSource mix(WhenExhausted whenExhausted, long seed, Source a, double weightA, Source b, double weightB) {
    return new MixedSource(List.of(new Part("A", a, weightA), new Part("B", b, weightB)), seed, whenExhausted);
  }

  private static List<String> of(String name, List<String> captions) {
    return captions.stream().filter(caption -> caption.startsWith(name)).toList();
  }

  private static List<String> numbered(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name + i).toList();
  }

  @Test
  void shouldDrawByWeightsTheSameEveryTime() throws Exception {
    Counted a = new Counted("a", "t".repeat(10_000));
    Counted b = new Counted("b", "t".repeat(10_000));
    List<String> first = captions(mix(WhenExhausted.CONTINUE, 1, a, 0.7, b, 0.3), Split.TRAIN);
    assertEquals(20_000, first.size());
    assertEquals(numbered("a", 10_000), of("a", first));
    assertEquals(numbered("b", 10_000), of("b", first));
    long share = of("a", first.subList(0, 10_000)).size();
    assertTrue(Math.abs(share - 7000) < 200, "of 10000 drawn, a's: " + share); // four standard deviations
    assertEquals(first, captions(mix(WhenExhausted.CONTINUE, 1, a, 7, b, 3), Split.TRAIN));
    assertNotEquals(first, captions(mix(WhenExhausted.CONTINUE, 2, a, 7, b, 3), Split.TRAIN));
  }

  @Test
  void shouldGiveAllWhenOthersGoOn() throws Exception {
    MixedSource source = mix(WhenExhausted.CONTINUE, 0, new Counted("a", "tvt"), 1, new Counted("b", "vttttttvtt"), 1);
    assertEquals(10, captions(source, Split.TRAIN).size());
    assertEquals(Set.of("a1", "b0", "b7"), new HashSet<>(captions(source, Split.VALIDATION)));
    assertEquals(10, source.count(Split.TRAIN).orElseThrow());
    assertEquals(3, source.count(Split.VALIDATION).orElseThrow());
  }

  @Test
  void shouldStopTrainingButNotValidationWithTheFirst() throws Exception {
    Counted a = new Counted("a", "t".repeat(50) + "v");
    Counted b = new Counted("b", "t".repeat(5000) + "vvv");
    MixedSource source = mix(WhenExhausted.STOP, 0, a, 1, b, 1);
    List<String> training = captions(source, Split.TRAIN);
    assertEquals(numbered("a", 50), of("a", training));
    int others = training.size() - 50;
    assertTrue(others > 20 && others < 120, "b's: " + others);
    assertEquals(numbered("b", others), of("b", training));
    assertEquals(Set.of("a50", "b5000", "b5001", "b5002"), new HashSet<>(captions(source, Split.VALIDATION)));
    assertTrue(source.count(Split.TRAIN).isEmpty());
  }

  @Test
  void shouldTellIdsOfPartsApart() throws Exception {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      parts.add(new Part("p" + i, new Counted("x", "tttvvv"), 1 + i));
    }
    MixedSource source = new MixedSource(parts, 3, WhenExhausted.CONTINUE);
    Set<Long> ids = new HashSet<>();
    try (Drafts drafts = source.drafts(new SkipReport(true))) {
      while (drafts.hasNext()) {
        long id = drafts.next().make().id();
        assertTrue(id >= 0 && ids.add(id), "id " + id);
      }
    }
    assertEquals(30, ids.size());
  }

  @Test
  void shouldHaveAllBucketsAndSettings() {
    Counted wide = new Counted("b", "t", new BucketTable(List.of(new BucketTable.Size(16, 32)), List.of(64)));
    MixedSource source = mix(WhenExhausted.CONTINUE, 9, new Counted("a", "t"), 1, wide, 2);
    assertEquals(List.of(new BucketTable.Size(16, 16), new BucketTable.Size(16, 32)), source.buckets().sizes());
    assertEquals(List.of(32, 64), source.buckets().captionLengths());
    assertEquals(
        Map.of(
            "seed", 9L,
            "whenExhausted", "CONTINUE",
            "parts",
                Map.of(
                    "A", Map.of("weight", 1.0, "source", "a", "settings", Map.of("splits", 1)),
                    "B", Map.of("weight", 2.0, "source", "b", "settings", Map.of("splits", 1)))),
        source.settings());
    assertEquals(Map.of("A", Map.of("from", "a"), "B", Map.of("from", "b")), source.notes());
  }

  @Test
  void shouldRefuseWeightsAndNamesThatMeanNothing() {
    Counted a = new Counted("a", "t");
    for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertTrue(assertThrows(UserException.class, () -> new Part("A", a, weight)).getMessage().startsWith("--mix A="));
    }
    assertThrows(UserException.class, () -> new MixedSource(List.of(), 0, WhenExhausted.STOP));
    List<Part> twice = List.of(new Part("A", a, 1), new Part("A", a, 1));
    assertThrows(UserException.class, () -> new MixedSource(twice, 0, WhenExhausted.STOP));
  }
}
