package kiln.data.typeset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import kiln.bindings.UserException;
import kiln.data.fetch.DebianPackage;
import kiln.data.typography.FontCatalog;
import kiln.data.typography.FontFace;

/**
 * The faces that can write each language, in an order that depends on their names alone.
 *
 * @param faces by language, those without any left out
 */
public record WritingFonts(Map<Language, List<Typeface>> faces) {
  private static final DebianPackage NOTO =
      new DebianPackage(
          "fonts-noto-core",
          "usr/share/fonts/",
          "Noto(Sans|Serif)(|Display|Arabic|Hebrew|Devanagari|Bengali|Tamil|Thai)-.*\\.ttf|Noto(NaskhArabic|KufiArabic|LoopedThai)-.*\\.ttf");
  private static final DebianPackage CJK =
      new DebianPackage("fonts-noto-cjk", "usr/share/fonts/", "Noto(Sans|Serif)CJK-(Regular|Bold)\\.ttc");
  private static final String NOTO_FAMILY = "Noto Sans Devanagari";
  private static final String CJK_FAMILY = "Noto Sans CJK JP";

  /** The forms of Han characters that a family has by its name: each is for one language. */
  private static final Map<String, String> REGIONS = Map.of("ja", "CJK JP", "zh", "CJK SC", "ko", "CJK KR");

  private static final Pattern CJK_NAME = Pattern.compile("\\bCJK\\b");

  /** Every fifth family of a language is held out, at least one if there are two. */
  private static final double HELD_OUT_SHARE = 0.2;

  /** Faces for training, and of other families for validation; a language with one family has none of the latter. */
  public record Parts(WritingFonts training, WritingFonts heldOut) {}

  /**
   * The fonts of the machine and, unless they are installed, those of the Debian packages {@code fonts-noto-core} and (for
   * Chinese, Japanese and Korean) {@code fonts-noto-cjk}, fetched into the cache. A package that cannot be had is told to the
   * log; the languages that only it can write have no faces then.
   */
  public static WritingFonts ofMachine(List<Language> languages, Consumer<String> log) {
    List<Path> folders = new ArrayList<>(FontCatalog.machineFolders());
    Set<String> installed = new HashSet<>();
    FontCatalog.faces(folders, font -> installed.add(font.getFamily(Locale.ENGLISH)) && false);
    boolean cjk = languages.stream().anyMatch(language -> REGIONS.containsKey(language.code()));
    if (!installed.contains(NOTO_FAMILY)) {
      fetch(NOTO, folders, log);
    }
    if (cjk && !installed.contains(CJK_FAMILY)) {
      fetch(CJK, folders, log);
    }
    return scan(languages, folders);
  }

  private static void fetch(DebianPackage fonts, List<Path> folders, Consumer<String> log) {
    try {
      folders.add(fonts.folder(log));
    } catch (UserException e) {
      log.accept("fonts: done without Debian package " + fonts.name() + ": " + e.getMessage());
    }
  }

  /** The faces in and below these folders. */
  public static WritingFonts scan(List<Language> languages, List<Path> folders) {
    List<FontFace> found =
        FontCatalog.faces(
            folders,
            font -> languages.stream().anyMatch(language -> font.canDisplayUpTo(language.alphabet()) == -1));
    List<Typeface> typefaces = found.stream().map(Typeface::new).toList();
    Map<Language, List<Typeface>> faces = new LinkedHashMap<>();
    for (Language language : languages) {
      List<Typeface> able =
          typefaces.stream()
              .filter(typeface -> typeface.covers(language.alphabet()) && isFor(typeface.face(), language))
              .toList();
      if (!able.isEmpty()) {
        faces.put(language, able);
      }
    }
    return new WritingFonts(faces);
  }

  /** Families for Chinese, Japanese and Korean also have Latin letters, but there are fifteen times the same ones. */
  private static boolean isFor(FontFace face, Language language) {
    String region = REGIONS.get(language.code());
    boolean forCjk = CJK_NAME.matcher(face.family()).find();
    return region == null ? !forCjk : !forCjk || face.family().endsWith(region);
  }

  /** Those of some languages. */
  public WritingFonts only(List<String> codes) {
    Map<Language, List<Typeface>> some = new LinkedHashMap<>();
    faces.forEach(
        (language, all) -> {
          if (codes.contains(language.code())) {
            some.put(language, all);
          }
        });
    return new WritingFonts(some);
  }

  public List<Language> languages() {
    return List.copyOf(faces.keySet());
  }

  public List<Typeface> of(Language language) {
    return faces.getOrDefault(language, List.of());
  }

  /** Names of all faces, sorted. */
  public List<String> names() {
    Set<String> names = new TreeSet<>();
    faces.values().forEach(all -> all.forEach(typeface -> names.add(typeface.face().name())));
    return List.copyOf(names);
  }

  private List<String> families(Language language) {
    return of(language).stream().map(typeface -> typeface.face().family()).distinct().sorted().toList();
  }

  /**
   * Divides the families by a regular expression that is looked for in family, face and file names.
   *
   * @throws UserException if the expression is malformed, matches nothing, or leaves a language without faces for training
   */
  public Parts holdOut(String expression) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(expression, Pattern.CASE_INSENSITIVE);
    } catch (PatternSyntaxException e) {
      throw new UserException("--holdout-fonts " + expression + ": not a regular expression: " + e.getDescription());
    }
    Set<String> heldOut = new TreeSet<>();
    for (List<Typeface> all : faces.values()) {
      for (Typeface typeface : all) {
        FontFace face = typeface.face();
        if (pattern.matcher(face.family()).find()
            || pattern.matcher(face.name()).find()
            || pattern.matcher(face.file().getFileName().toString()).find()) {
          heldOut.add(face.family());
        }
      }
    }
    if (heldOut.isEmpty()) {
      throw new UserException("--holdout-fonts " + expression + ": matches no family of " + names());
    }
    for (Language language : languages()) {
      if (heldOut.containsAll(families(language))) {
        throw new UserException(
            "--holdout-fonts " + expression + ": matches every family that shows " + language.name() + ": " + families(language));
      }
    }
    return parts(heldOut);
  }

  /**
   * Holds out a fifth of the families of each language, at least one where there are two. Languages with few families choose
   * first, each of the kind (with serifs or without) of which it has the most left; of those, what serves the fewest other
   * languages; of equals, by a hash of the name, so that it is not always the same kind.
   */
  public Parts holdOut() {
    Set<String> heldOut = new TreeSet<>();
    List<Language> order = new ArrayList<>(languages());
    order.sort(Comparator.comparingInt(language -> families(language).size()));
    for (Language language : order) {
      List<String> families = families(language);
      long wanted = Math.min(families.size() - 1, (long) Math.ceil(HELD_OUT_SHARE * families.size()));
      while (families.stream().filter(heldOut::contains).count() < wanted) {
        List<String> candidates = families.stream().filter(f -> !heldOut.contains(f) && canSpare(f, heldOut)).toList();
        if (candidates.isEmpty()) {
          break;
        }
        heldOut.add(
            candidates.stream()
                .max(
                    Comparator.comparingLong((String f) -> left(language, f, heldOut))
                        .thenComparingLong(f -> -serves(f))
                        .thenComparingInt(String::hashCode))
                .orElseThrow());
      }
    }
    return parts(heldOut);
  }

  /** How many families of the same kind a language has left. */
  private long left(Language language, String family, Set<String> heldOut) {
    Map<String, FontFace.Kind> kinds = new LinkedHashMap<>();
    of(language).forEach(typeface -> kinds.put(typeface.face().family(), typeface.face().kind()));
    return kinds.keySet().stream().filter(f -> kinds.get(f) == kinds.get(family) && !heldOut.contains(f)).count();
  }

  private long serves(String family) {
    return languages().stream().filter(language -> families(language).contains(family)).count();
  }

  /** Whether every language that has the family has another one for training. */
  private boolean canSpare(String family, Set<String> heldOut) {
    return languages().stream()
        .map(this::families)
        .filter(families -> families.contains(family))
        .allMatch(families -> families.stream().anyMatch(f -> !f.equals(family) && !heldOut.contains(f)));
  }

  private Parts parts(Set<String> heldOut) {
    return new Parts(
        filtered(typeface -> !heldOut.contains(typeface.face().family())),
        filtered(typeface -> heldOut.contains(typeface.face().family())));
  }

  private WritingFonts filtered(Predicate<Typeface> wanted) {
    Map<Language, List<Typeface>> left = new LinkedHashMap<>();
    faces.forEach(
        (language, all) -> {
          List<Typeface> some = all.stream().filter(wanted).toList();
          if (!some.isEmpty()) {
            left.put(language, some);
          }
        });
    return new WritingFonts(left);
  }
}
