package kiln.data.dataset;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;

/**
 * Samples whose every byte follows from their number, in several buckets: every tenth is for validation, every 17th cannot be made.
 *
 * @param made told of every draft that is made
 */
record NumberedSource(int count, int side, IntConsumer made) implements Source {
  NumberedSource(int count) {
    this(count, 8, _ -> {});
  }

  @Override
  public String name() {
    return "numbered";
  }

  @Override
  public BucketTable buckets() {
    return new BucketTable(
        List.of(new BucketTable.Size(side, side), new BucketTable.Size(side, 2 * side), new BucketTable.Size(2 * side, side)),
        List.of(16, 32));
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("count", count, "side", side);
  }

  @Override
  public Map<String, Object> notes() {
    return Map.of();
  }

  @Override
  public OptionalLong count(Split split) {
    return OptionalLong.empty();
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    return Drafts.of(
        IntStream.range(0, count)
            .mapToObj(i -> new Draft(i % 10 == 9 ? Split.VALIDATION : Split.TRAIN, () -> sample(i)))
            .iterator());
  }

  private Sample sample(int i) throws UnusableException {
    made.accept(i);
    if (i % 17 == 16) {
      throw new UnusableException("every 17th", "number " + i);
    }
    BucketTable.Size size = buckets().sizes().get(i * 7 % 13 % 3);
    return Sample.of(
        i,
        size,
        target -> {
          for (long p = 0; p < target.byteSize(); p++) {
            target.set(ValueLayout.JAVA_BYTE, p, (byte) (i * 31 + p * 7));
          }
        },
        "x".repeat(i % 5 == 0 ? 25 : 3) + i,
        "{\"number\":" + i + "}");
  }
}
