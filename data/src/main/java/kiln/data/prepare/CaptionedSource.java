package kiln.data.prepare;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.image.PictureFile;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;

/**
 * The samples that become of a source of picture files with captions: decoded, turned upright, laid on white, brought into the
 * shape of their bucket; captions checked and cut; some split off for validation. All of it is a function of the file, the
 * caption, the key and the options, whatever else the source holds.
 */
public final class CaptionedSource implements Source {
  private final RawSource raw;
  private final PreparationOptions options;
  private final WasteTable waste = new WasteTable();
  private final LongAdder animated = new LongAdder();

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

  /** What was read so far cost ({@link BucketWaste} by bucket), files of several frames, and what decodes JPEG. */
  @Override
  public Map<String, Object> notes() {
    Map<String, Object> notes = new LinkedHashMap<>();
    notes.put("jpegDecoder", PictureFile.jpegDecoder());
    notes.put("firstOfSeveralFrames", animated.sum());
    notes.put(WasteTable.NOTE, waste.note());
    return notes;
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
    waste.clear();
    animated.reset();
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
    Draft.Maker maker = Draft.Maker.holding(sample.picture().heldBytes(), () -> make(sample, hash));
    KeyHash group = sample.group().equals(sample.key()) ? hash : KeyHash.of(sample.group());
    return new Draft(group.split(options.validationShare()), maker);
  }

  private Sample make(RawSample sample, KeyHash hash) throws UnusableException {
    byte[] found = Captions.stripped(sample, options);
    byte[] caption = Captions.fitted(found, options);
    PictureFile picture = PictureFile.open(sample.picture().read(), sample.origin(), options.limits());
    if (picture.isAnimated()) {
      if (options.skipAnimated()) {
        throw new UnusableException("animated image", sample.origin() + ": has several frames or pages");
      }
      animated.increment();
    }
    if (Math.min(picture.height(), picture.width()) < options.minSize()) {
      throw new UnusableException(
          "image too small",
          sample.origin() + ": " + picture.height() + "x" + picture.width() + ", expected at least " + options.minSize());
    }
    BucketTable.Size size = options.buckets().nearest(picture.height(), picture.width());
    Placement placement =
        Placement.of(options, picture.height(), picture.width(), size, hash.random(options.seed()));
    byte[] rgb = placement.draw(picture, size, options.scaledDecoding()).rgb();
    Bucket bucket = options.buckets().bucket(size, caption.length);
    waste.add(bucket, waste(picture, placement, bucket, caption.length, found.length - caption.length));
    return new Sample(
        hash.id(),
        size,
        target -> MemorySegment.copy(rgb, 0, target, ValueLayout.JAVA_BYTE, 0, rgb.length),
        caption,
        sample.truth().getBytes(StandardCharsets.UTF_8));
  }

  private static BucketWaste waste(PictureFile picture, Placement placement, Bucket bucket, int captionBytes, int cutBytes) {
    long pixels = (long) picture.height() * picture.width();
    long bucketPixels = (long) bucket.height() * bucket.width();
    long kept = Math.round(placement.source().height() * placement.source().width());
    boolean enlarged =
        placement.height() > placement.source().height() || placement.width() > placement.source().width();
    return new BucketWaste(
        1,
        pixels,
        pixels - kept,
        bucketPixels,
        bucketPixels - (long) placement.height() * placement.width(),
        enlarged ? 1 : 0,
        captionBytes + 1L,
        bucket.captionLength() - captionBytes - 1L,
        cutBytes > 0 ? 1 : 0,
        cutBytes);
  }
}
