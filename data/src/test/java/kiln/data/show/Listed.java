package kiln.data.show;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.dataset.BuildOptions;
import kiln.data.dataset.DatasetBuilder;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;

/** A source of samples that a test writes down. */
final class Listed implements Source {
  private final BucketTable buckets;
  private final List<Sample> samples = new ArrayList<>();

  Listed(BucketTable buckets) {
    this.buckets = buckets;
  }

  /**
   * @param color of all bytes of the picture
   */
  Listed add(BucketTable.Size size, int color, byte[] caption, String truth) {
    byte[] json = truth.getBytes(StandardCharsets.UTF_8);
    samples.add(new Sample(samples.size(), size, (MemorySegment to) -> to.fill((byte) color), caption, json));
    return this;
  }

  Listed add(BucketTable.Size size, int color, String caption) {
    return add(size, color, caption.getBytes(StandardCharsets.UTF_8), "{}");
  }

  Path build(Path folder, int blockSize) {
    DatasetBuilder.build(this, folder, new BuildOptions(blockSize, 1, true), (split, done, total) -> {});
    return folder;
  }

  @Override
  public String name() {
    return "listed";
  }

  @Override
  public BucketTable buckets() {
    return buckets;
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of();
  }

  @Override
  public Map<String, Object> notes() {
    return Map.of();
  }

  @Override
  public OptionalLong count(Split split) {
    return OptionalLong.of(split == Split.TRAIN ? samples.size() : 0);
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    return Drafts.of(samples.stream().map(sample -> new Draft(Split.TRAIN, () -> sample)).iterator());
  }
}
