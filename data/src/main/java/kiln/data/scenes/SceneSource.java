package kiln.data.scenes;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Pixels;
import kiln.data.Sample;
import kiln.data.queue.Split;
import kiln.data.source.Draft;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.Source;
import kiln.data.source.UnusableException;
import kiln.data.typeset.CaptionWords;
import kiln.data.typeset.Language;
import kiln.data.typeset.WritingFonts;

/**
 * Pictures of text. Sample {@code i} is a pure function of the options, the fonts, the photographs and {@code i}. Validation
 * shows the same kind of thing in fonts that training never uses; languages that only one family can write are not in it.
 */
public final class SceneSource implements Source {
  private static final int ATTEMPTS = 64;
  private static final long VALIDATION_IDS = 1L << 40;
  private static final double OWN_LANGUAGE = 0.6;

  private final SceneOptions options;
  private final WritingFonts.Parts fonts;
  private final PhotoPool photos;
  private final Map<Split, Composer> composers = new LinkedHashMap<>();
  private final Map<String, CaptionWords> captions = new LinkedHashMap<>();

  /**
   * @param found fonts for the languages of the options
   * @throws UserException if there are no fonts for a layout or for validation
   */
  public SceneSource(SceneOptions options, WritingFonts found, PhotoPool photos) {
    this.options = options;
    this.photos = photos;
    this.fonts = options.holdoutFonts().map(found::holdOut).orElseGet(found::holdOut);
    composers.put(Split.TRAIN, new Composer(options, fonts.training(), photos));
    composers.put(Split.VALIDATION, new Composer(options, fonts.heldOut(), photos));
    for (SceneLayout layout : options.layouts()) {
      if (!composers.get(Split.TRAIN).layouts().contains(layout)) {
        throw new UserException("--layouts " + layout.word() + ": no font found for any of " + options.languages());
      }
    }
    if (options.validationCount() > 0 && composers.get(Split.VALIDATION).layouts().isEmpty()) {
      throw new UserException("--validation-count " + options.validationCount() + ": no font family to hold out");
    }
    options.captionLanguages().forEach(code -> captions.put(code, Language.of(code).captions().orElseThrow()));
  }

  @Override
  public String name() {
    return "scenes";
  }

  @Override
  public BucketTable buckets() {
    return options.buckets();
  }

  @Override
  public Map<String, Object> settings() {
    return options.settings();
  }

  /** The fonts of both parts, the languages of each, and the photographs. */
  @Override
  public Map<String, Object> notes() {
    Map<String, Object> notes = new LinkedHashMap<>();
    notes.put("trainingFonts", fonts.training().names());
    notes.put("heldOutFonts", fonts.heldOut().names());
    notes.put("trainingLanguages", fonts.training().languages().stream().map(Language::code).toList());
    notes.put("validationLanguages", fonts.heldOut().languages().stream().map(Language::code).toList());
    notes.put("photos", photos.photos().stream().map(PhotoPool.Photo::name).toList());
    return notes;
  }

  /** The fonts for training and those held out. */
  public WritingFonts.Parts fonts() {
    return fonts;
  }

  @Override
  public OptionalLong count(Split split) {
    return OptionalLong.of(
        switch (split) {
          case TRAIN -> options.count();
          case VALIDATION -> options.validationCount();
        });
  }

  @Override
  public Drafts drafts(SkipReport skips) {
    photos.unusable().forEach(skips::add);
    return Drafts.of(Arrays.stream(Split.values()).flatMap(this::drafts).iterator());
  }

  private Stream<Draft> drafts(Split split) {
    return LongStream.range(0, count(split).orElseThrow()).mapToObj(i -> new Draft(split, () -> sample(split, i)));
  }

  /**
   * @throws UnusableException if none of many attempts found a text that a font shows and that fits
   */
  public Sample sample(Split split, long index) throws UnusableException {
    SplittableRandom random = random(split, index);
    Scene scene = scene(split, index, random);
    CaptionWords words = words(scene.language(), random);
    int bytes = options.buckets().captionLengths().getLast() - 1;
    String caption = SceneCaption.of(scene, words, options.shares().shortCaptions(), bytes, random);
    int[] rgb = scene.paint();
    return Sample.of(id(split, index), scene.size(), pixels(rgb), caption, scene.truth().toJson());
  }

  Scene scene(Split split, long index) throws UnusableException {
    return scene(split, index, random(split, index));
  }

  private Scene scene(Split split, long index, SplittableRandom random) throws UnusableException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Scene> scene = composers.get(split).compose(random);
      if (scene.isPresent()) {
        return scene.get();
      }
    }
    throw new UnusableException("no text fits", "scene " + index + ": " + ATTEMPTS + " texts did not fit or were not shown");
  }

  private static long id(Split split, long index) {
    return split == Split.TRAIN ? index : VALIDATION_IDS + index;
  }

  private SplittableRandom random(Split split, long index) {
    return new SplittableRandom(options.seed() * 0x9E3779B97F4A7C15L ^ id(split, index) * 0xD1B54A32D192ED03L);
  }

  /** Of the text's own language more often than of another. */
  private CaptionWords words(Language language, SplittableRandom random) {
    boolean own = random.nextDouble() < OWN_LANGUAGE;
    List<String> codes = options.captionLanguages();
    String other = codes.get(random.nextInt(codes.size()));
    return captions.get(own && captions.containsKey(language.code()) ? language.code() : other);
  }

  /**
   * @param rgb 0xRRGGBB
   */
  public static Pixels pixels(int[] rgb) {
    return target -> {
      byte[] bytes = new byte[3 * rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        int value = rgb[i];
        bytes[3 * i] = (byte) (value >> 16);
        bytes[3 * i + 1] = (byte) (value >> 8);
        bytes[3 * i + 2] = (byte) value;
      }
      MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
    };
  }
}
