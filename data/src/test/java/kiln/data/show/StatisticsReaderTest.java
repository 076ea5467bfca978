package kiln.data.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.data.BucketTable;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Split;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsReaderTest {
  private static final BucketTable.Size SQUARE = new BucketTable.Size(4, 4);
  private static final BucketTable.Size WIDE = new BucketTable.Size(4, 8);
  private static final BucketTable TABLE = new BucketTable(List.of(SQUARE, WIDE), List.of(8, 16));

  @TempDir Path temporary;

  private DatasetStatistics read(Listed source, long pictureBytes) {
    try (BatchReader reader = BatchReader.open(source.build(temporary.resolve("data"), 4))) {
      return StatisticsReader.read(reader, Split.TRAIN, pictureBytes);
    }
  }

  private DatasetStatistics read(Listed source) {
    return read(source, Long.MAX_VALUE);
  }

  @Test
  void shouldCountBucketsAndTheirPadding() {
    Listed source = new Listed(TABLE);
    for (int i = 0; i < 5; i++) {
      source.add(SQUARE, i, "abc"); // 4 tokens of 8
    }
    source.add(WIDE, 9, "abcdefghij"); // 11 of 16
    source.add(WIDE, 9, "a caption of more than sixteen bytes"); // 16 of 16, cut
    DatasetStatistics statistics = read(source);
    assertEquals(7, statistics.samples());
    assertEquals(3 + 2, statistics.repeated());
    assertEquals(
        List.of(
            new BucketUse(4, 4, 8, 5, 3, 2, 20, 0.5, 0),
            new BucketUse(4, 8, 16, 2, 2, 1, 27, 1 - 27 / 32.0, 1)),
        statistics.buckets());
    assertEquals(1 - 47 / 72.0, statistics.padding());
    assertEquals(1, statistics.captions().cut());
    assertEquals(36, statistics.captions().bytes().most());
  }

  @Test
  void shouldCountScriptsAndOddCaptions() {
    byte[] notUtf8 = {'a', (byte) 0xff};
    Listed source =
        new Listed(TABLE).add(SQUARE, 0, "abc 1").add(SQUARE, 1, "день").add(SQUARE, 2, "שלום").add(SQUARE, 3, "日本 ab")
            .add(SQUARE, 4, "").add(SQUARE, 5, " 12").add(SQUARE, 6, "a\u202Eb").add(SQUARE, 7, notUtf8, "{}")
            .add(SQUARE, 8, "\uFFFD").add(SQUARE, 9, "1\n2");
    CaptionStatistics captions = read(source).captions();
    Map<String, Long> byScript = new HashMap<>();
    captions.scripts().forEach(script -> byScript.put(script.name(), script.captions()));
    assertEquals(Map.of("Latin", 4L, "Cyrillic", 1L, "Hebrew", 1L, "Han", 1L, "Common", 3L), byScript);
    assertEquals(new CaptionStatistics.Script("Han", 1, 2), captions.scripts().stream().filter(
        script -> script.name().equals("Han")).findFirst().orElseThrow());
    assertEquals(1, captions.rightToLeft());
    assertEquals(1, captions.severalLines());
    assertEquals(1, captions.empty());
    assertEquals(1, captions.notUtf8());
    assertEquals(1, captions.replaced());
    assertEquals(1, captions.invisible());
    assertEquals(1, captions.edged());
    assertEquals(5, captions.characters().most());
    assertEquals(9, captions.bytes().most());
  }

  @Test
  void shouldFindSamePicturesAndCaptions() {
    Listed source =
        new Listed(TABLE).add(SQUARE, 1, "one").add(SQUARE, 1, "two").add(SQUARE, 2, "two").add(SQUARE, 1, "two")
            .add(WIDE, 1, "four").add(SQUARE, 3, "five");
    DatasetStatistics statistics = read(source);
    // Samples that fill last blocks are no copies.
    assertEquals(new Copies(6, 2, 1, 3, 1), statistics.samePictures());
    assertEquals(new Copies(6, 2, 1, 3, 1), statistics.sameCaptions());
  }

  @Test
  void shouldReadNoMorePicturesThanAskedFor() {
    Listed source = new Listed(TABLE);
    for (int i = 0; i < 40; i++) {
      source.add(SQUARE, 7, "caption");
    }
    assertEquals(new Copies(12, 11, 1, 12, 1), read(source, 40 * 48 / 4).samePictures()); // blocks 0, 4 and 8
  }

  @Test
  void shouldReadTruths() {
    byte[] caption = "text".getBytes(StandardCharsets.UTF_8);
    Listed source =
        new Listed(TABLE)
            .add(SQUARE, 0, caption, "{\"language\":\"de\",\"box\":[0,0,4,4]}")
            .add(SQUARE, 1, caption, "{\"language\":\"de\",\"words\":[{\"box\":{\"x\":1,\"y\":1,\"width\":4,\"height\":1}}]}")
            .add(SQUARE, 2, caption, "{\"language\":\"fi\"}")
            .add(SQUARE, 3, caption, "[1, 2]")
            .add(SQUARE, 4, caption, "{\"language\":")
            .add(SQUARE, 5, caption, "");
    TruthStatistics truths = read(source).truths();
    assertEquals(3, truths.objects());
    assertEquals(3, truths.unread());
    assertEquals(List.of(Map.entry("de", 2L), Map.entry("fi", 1L)), List.copyOf(truths.languages().entrySet()));
    assertEquals(Map.of("language", 3L, "box", 1L, "words", 1L), truths.fields());
    assertEquals(Map.of("box", 1L, "words", 1L), truths.boxes());
    assertEquals(2, truths.withBoxes());
    assertEquals(1, truths.outside());
  }

  @Test
  void shouldBoundNamesThatComeFromOutside() {
    BoundedCounts counts = new BoundedCounts(3);
    for (String name : List.of("a", "b", "b", "c", "d", "e", "a", "x".repeat(1_000_000))) {
      counts.add(name);
    }
    assertEquals(
        List.of(Map.entry("(others)", 3L), Map.entry("a", 2L), Map.entry("b", 2L), Map.entry("c", 1L)),
        List.copyOf(counts.ordered().entrySet()));
    BoundedCounts one = new BoundedCounts(1);
    one.add("x".repeat(1_000_000));
    assertTrue(one.ordered().keySet().iterator().next().length() < 100);
  }
}
