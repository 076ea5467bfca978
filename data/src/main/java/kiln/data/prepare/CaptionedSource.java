package kiln.data.prepare;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.image.Pictures;
import kiln.data.image.RgbImage;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;

/** The samples that become of a source of picture files with captions. */
public final class CaptionedSource implements Source {
  private final RawSource raw;
  private final PreparationOptions options;

  public CaptionedSource(RawSource raw, PreparationOptions options) {
    this.raw = raw;
    this.options = options;
  }

  @Override
  public String name() {
    return raw.name();
  }

  @Override
  public BucketTable buckets() {
    return options.buckets();
  }

  /** The raw source's, and how its pictures and captions are prepared. */
  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>(raw.settings());
    settings.put("preparation", options.settings());
    return settings;
  }

  @Override
  public Map<String, Object> notes() {
    return Map.of();
  }

  /** Known only if nothing is for validation: which samples are depends on their keys. */
  @Override
  public OptionalLong count(Split split) {
    if (options.validationShare() > 0) {
      return OptionalLong.empty();
    }
    return split == Split.TRAIN ? raw.count() : OptionalLong.of(0);
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    RawSamples samples = raw.open(skips);
    return new Drafts() {
      @Override
      public boolean hasNext() {
        return samples.hasNext();
      }

      @Override
      public Draft next() {
        return draft(samples.next());
      }

      @Override
      public void close() {
        samples.close();
      }
    };
  }

  private Draft draft(RawSample sample) {
    KeyHash hash = KeyHash.of(sample.key());
    return new Draft(hash.split(options.validationShare()), () -> make(sample, hash));
  }

  private Sample make(RawSample sample, KeyHash hash) throws UnusableException {
    byte[] caption = Captions.checked(sample, options);
    RgbImage whole = Pictures.decode(sample.picture().read(), sample.origin(), options.limits());
    BucketTable.Size size = options.buckets().nearest(whole.height(), whole.width());
    byte[] rgb = Pictures.fit(whole, size.height(), size.width()).rgb();
    return new Sample(
        hash.id(),
        size,
        target -> MemorySegment.copy(rgb, 0, target, ValueLayout.JAVA_BYTE, 0, rgb.length),
        caption,
        sample.truth().getBytes(StandardCharsets.UTF_8));
  }
}
