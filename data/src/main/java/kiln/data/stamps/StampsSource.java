package kiln.data.stamps;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.fetch.DebianPackage;
import kiln.data.image.Pictures;
import kiln.data.image.RgbImage;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The stamps, each several times with captions in different languages, in random order. Validation shows the same pictures with
 * captions in languages that training never sees. Fitted pictures are kept in memory while the source lives, three bytes per
 * pixel.
 */
public final class StampsSource implements Source {
  private static final Path INSTALLED = Path.of("/usr/share/tuxpaint/stamps");
  private static final DebianPackage PACKAGE =
      new DebianPackage("tuxpaint-stamps-default", "usr/share/tuxpaint/stamps/", ".*\\.(png|svg|txt)");
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Captions per stamp that ids can tell apart. */
  private static final int ID_STEP = 1024;

  /** Drawings are rendered this many times larger than their bucket, and shrunk like pictures. */
  private static final int OVERSAMPLING = 4;

  private final StampsOptions options;
  private final StampFolder folder;
  private final Map<Split, List<Pair>> pairs = new LinkedHashMap<>();
  private final Map<String, Fitted> fitted = new ConcurrentHashMap<>();

  /** One sample to be. */
  private record Pair(int stamp, Stamp.Caption caption) {}

  /** A picture in its bucket's size, or why there is none. */
  private record Fitted(BucketTable.Size size, RgbImage image, UnusableException unusable) {}

  /** What is stored as truth. */
  private record Truth(String stamp, String language) {}

  /**
   * @param stamps folder of stamps
   */
  public StampsSource(StampsOptions options, Path stamps) {
    this.options = options;
    this.folder = StampFolder.read(stamps);
    for (Split split : Split.values()) {
      pairs.put(split, draw(split));
    }
  }

  /** The installed stamps, or those of the Debian package, fetched into the cache. */
  public static StampsSource ofDebian(StampsOptions options, Consumer<String> log) {
    return new StampsSource(options, folder(log));
  }

  /** The folder of the installed stamps, or of those of the Debian package, fetched into the cache. */
  public static Path folder(Consumer<String> log) {
    return Files.isDirectory(INSTALLED) ? INSTALLED : PACKAGE.folder(log);
  }

  /** The folder of the stamps, if they are installed or have been fetched before. */
  public static Optional<Path> folderIfHere() {
    return Files.isDirectory(INSTALLED) ? Optional.of(INSTALLED) : PACKAGE.fetched();
  }

  private List<Pair> draw(Split split) {
    SplittableRandom random = new SplittableRandom(options.seed() * 0x9E3779B97F4A7C15L ^ split.ordinal());
    List<Pair> drawn = new ArrayList<>();
    for (int i = 0; i < folder.stamps().size(); i++) {
      Stamp stamp = folder.stamps().get(i);
      List<Stamp.Caption> captions =
          switch (split) {
            case TRAIN -> CaptionDraw.training(stamp, options, random);
            case VALIDATION -> CaptionDraw.validation(stamp, options, random);
          };
      for (Stamp.Caption caption : captions) {
        drawn.add(new Pair(i, caption));
      }
    }
    for (int i = drawn.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Pair other = drawn.get(j);
      drawn.set(j, drawn.get(i));
      drawn.set(i, other);
    }
    return drawn;
  }

  @Override
  public String name() {
    return "stamps";
  }

  @Override
  public BucketTable buckets() {
    return options.buckets();
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("sizes", options.buckets().sizes().stream().map(s -> s.height() + "x" + s.width()).toList());
    settings.put("captionLengths", options.buckets().captionLengths());
    settings.put("captionsPerImage", options.captionsPerImage());
    settings.put("validationPerImage", options.validationPerImage());
    settings.put("seed", options.seed());
    settings.put("weights", new TreeMap<>(options.weights()));
    settings.put("holdoutLanguages", options.holdoutLanguages());
    return settings;
  }

  /** Number of stamps, and of samples by language. */
  @Override
  public Map<String, Object> notes() {
    Map<String, Object> notes = new LinkedHashMap<>();
    notes.put("stamps", folder.stamps().size());
    pairs.forEach(
        (split, all) -> {
          Map<String, Integer> languages = new TreeMap<>();
          all.forEach(pair -> languages.merge(pair.caption().language(), 1, Integer::sum));
          notes.put(split.folder() + "Languages", languages);
        });
    return notes;
  }

  @Override
  public OptionalLong count(Split split) {
    return OptionalLong.of(pairs.get(split).size());
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    folder.unusable().forEach(skips::add);
    return Drafts.of(Stream.concat(drafts(Split.TRAIN), drafts(Split.VALIDATION)).iterator());
  }

  private Stream<Draft> drafts(Split split) {
    return pairs.get(split).stream().map(pair -> new Draft(split, () -> sample(pair)));
  }

  private Sample sample(Pair pair) throws UnusableException {
    Stamp stamp = folder.stamps().get(pair.stamp());
    Fitted picture = fitted.computeIfAbsent(stamp.name(), _ -> fit(stamp));
    if (picture.unusable() != null) {
      throw new UnusableException(picture.unusable().reason(), picture.unusable().getMessage());
    }
    long id = (long) pair.stamp() * ID_STEP + pair.caption().number();
    byte[] rgb = picture.image().rgb();
    return Sample.of(
        id,
        picture.size(),
        target -> MemorySegment.copy(rgb, 0, target, ValueLayout.JAVA_BYTE, 0, rgb.length),
        pair.caption().text(),
        MAPPER.writeValueAsString(new Truth(stamp.name(), pair.caption().language())));
  }

  private Fitted fit(Stamp stamp) {
    int side = 0;
    for (BucketTable.Size size : options.buckets().sizes()) {
      side = Math.max(side, OVERSAMPLING * Math.max(size.height(), size.width()));
    }
    try {
      RgbImage image = Pictures.read(stamp.image(), side);
      BucketTable.Size size = options.buckets().nearest(image.height(), image.width());
      return new Fitted(size, Pictures.fit(image, size.height(), size.width()), null);
    } catch (UnusableException e) {
      return new Fitted(null, null, e);
    }
  }
}
