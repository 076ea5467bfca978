package kiln.launcher.show;

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
import kiln.data.prepare.WasteTable;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;

/** A data set of grey 8×8 pictures with any captions and truths. */
final class Captioned {
  private static final BucketTable TABLE = BucketTable.square(8, 4096);

  /** Large enough for one caption of a million bytes: a block has room for 4,096 bytes of text per sample. */
  private static final int BLOCK = 256;

  private final Path folder;
  private final List<Sample> samples = new ArrayList<>();

  Captioned(Path folder) {
    this.folder = folder;
  }

  Captioned add(byte[] caption, String truth) {
    byte[] json = truth.getBytes(StandardCharsets.UTF_8);
    byte grey = (byte) samples.size();
    samples.add(new Sample(samples.size(), TABLE.sizes().getFirst(), to -> to.fill(grey), caption, json));
    return this;
  }

  Captioned add(String caption, String truth) {
    return add(caption.getBytes(StandardCharsets.UTF_8), truth);
  }

  /** Adds as many dull samples as fill a block, so that none is repeated. */
  Captioned fill() {
    while (samples.size() < BLOCK) {
      add("dull " + samples.size(), "{}");
    }
    return this;
  }

  /**
   * @param name used for the source, a setting, a note and a reason to leave something out
   */
  Path build(String name) {
    DatasetBuilder.build(
        new Named(name, samples), folder, new BuildOptions(BLOCK, 1, false), (split, done, total) -> {});
    return folder;
  }

  private record Named(String name, List<Sample> samples) implements Source {
    @Override
    public BucketTable buckets() {
      return TABLE;
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of(name, name, "outer", Map.of("inner", 1));
    }

    @Override
    public Map<String, Object> notes() {
      return Map.of(name, name, "table", List.of(Map.of("column", name)), WasteTable.NOTE, Map.of(name, Map.of("samples", 1)));
    }

    @Override
    public OptionalLong count(Split split) {
      return OptionalLong.of(split == Split.TRAIN ? samples.size() : 0);
    }

    @Override
    public Drafts drafts(SkipReport skips) {
      skips.add(new UnusableException(name, name + ": an example"));
      return Drafts.of(samples.stream().map(sample -> new Draft(Split.TRAIN, () -> sample)).iterator());
    }
  }
}
