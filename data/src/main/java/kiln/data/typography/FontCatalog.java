package kiln.data.typography;

import java.awt.Font;
import java.awt.FontFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.fetch.DebianPackage;

/**
 * The fonts of a machine that can show Latin letters and digits, in an order that depends on their names alone.
 *
 * @param faces sorted by name, each name once
 */
public record FontCatalog(List<FontFace> faces) {
  private static final String BASIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final DebianPackage DEJAVU = new DebianPackage("fonts-dejavu-core", "usr/share/fonts/", ".*\\.ttf");

  /** Every fifth family is held out, so that a model is judged by fonts it has not seen. */
  private static final double HELD_OUT_SHARE = 0.2;

  /** The two parts of a catalogue; families are never divided between them. */
  public record Parts(List<FontFace> training, List<FontFace> heldOut) {}

  /** A family and its faces. */
  private record Family(String name, FontFace.Kind kind, List<FontFace> faces) {}

  /**
   * The fonts in the usual folders of the system, the user and the Java runtime; if they have fewer than two families, those of
   * the Debian package {@code fonts-dejavu-core} as well, fetched into the cache.
   */
  public static FontCatalog ofMachine(Consumer<String> log) {
    List<Path> folders = new ArrayList<>(machineFolders());
    FontCatalog found = scan(folders);
    if (found.families().size() >= 2) {
      return found;
    }
    folders.add(DEJAVU.folder(log));
    return scan(folders);
  }

  /** Where the system, the user and the Java runtime keep fonts. */
  public static List<Path> machineFolders() {
    List<Path> folders = new ArrayList<>();
    folders.add(Path.of("/usr/share/fonts"));
    folders.add(Path.of("/usr/local/share/fonts"));
    Path home = Path.of(System.getProperty("user.home"));
    folders.add(home.resolve(".fonts"));
    folders.add(home.resolve(".local/share/fonts"));
    folders.add(Path.of(System.getProperty("java.home"), "lib", "fonts"));
    return folders;
  }

  /** The usable fonts in and below these folders; folders that do not exist and files that are no fonts are passed over. */
  public static FontCatalog scan(List<Path> folders) {
    return new FontCatalog(
        faces(folders, font -> font.canDisplayUpTo(BASIC) == -1 && FontFace.of(font, Path.of("")).capHeight() > 0));
  }

  /** The faces in and below these folders that are wanted, sorted by name, each name once. */
  public static List<FontFace> faces(List<Path> folders, Predicate<Font> wanted) {
    Map<String, FontFace> byName = new TreeMap<>();
    for (Path folder : folders) {
      for (Path file : fontFiles(folder)) {
        for (Font font : read(file)) {
          if (wanted.test(font)) {
            FontFace face = FontFace.of(font, file);
            byName.putIfAbsent(face.name(), face);
          }
        }
      }
    }
    return List.copyOf(byName.values());
  }

  private static List<Path> fontFiles(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(file -> file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.(ttf|otf|ttc|otc)"))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new UserException(folder + ": font folder cannot be read: " + e.getMessage());
    }
  }

  private static Font[] read(Path file) {
    try {
      FontSystem.start();
      return Font.createFonts(file.toFile());
    } catch (FontFormatException | IOException e) {
      return new Font[0];
    }
  }

  /** Family names, sorted. */
  public List<String> families() {
    return faces.stream().map(FontFace::family).distinct().sorted().toList();
  }

  /**
   * Divides the families by a regular expression that is looked for in family, face and file names.
   *
   * @throws UserException if the expression is malformed, or matches no family or every one
   */
  public Parts holdOut(String expression) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(expression, Pattern.CASE_INSENSITIVE);
    } catch (PatternSyntaxException e) {
      throw new UserException("--holdout-fonts " + expression + ": not a regular expression: " + e.getDescription());
    }
    List<String> heldOut =
        faces.stream()
            .filter(
                face ->
                    pattern.matcher(face.family()).find()
                        || pattern.matcher(face.name()).find()
                        || pattern.matcher(face.file().getFileName().toString()).find())
            .map(FontFace::family)
            .distinct()
            .toList();
    if (heldOut.isEmpty() || heldOut.size() == families().size()) {
      throw new UserException(
          "--holdout-fonts " + expression + ": matches " + (heldOut.isEmpty() ? "no" : "every") + " family of " + families());
    }
    return parts(heldOut);
  }

  /**
   * Holds out a fifth of the families, at least one: always of the kind that has the most families left, so that each kind
   * stays in training as long as possible; of equals, the last by name.
   *
   * @throws UserException if there are fewer than two families
   */
  public Parts holdOut() {
    Map<String, List<FontFace>> grouped = new TreeMap<>();
    faces.forEach(face -> grouped.computeIfAbsent(face.family(), _ -> new ArrayList<>()).add(face));
    List<Family> left = new ArrayList<>();
    grouped.forEach((name, all) -> left.add(new Family(name, all.getFirst().kind(), all)));
    if (left.size() < 2) {
      throw new UserException("fonts: found " + left.size() + " families with Latin letters, expected at least 2");
    }
    List<String> heldOut = new ArrayList<>();
    int wanted = Math.min(left.size() - 1, (int) Math.ceil(HELD_OUT_SHARE * left.size()));
    while (heldOut.size() < wanted) {
      Family next =
          left.stream()
              .max(
                  Comparator.comparingLong((Family f) -> left.stream().filter(o -> o.kind() == f.kind()).count())
                      .thenComparing(Family::kind)
                      .thenComparingInt(f -> f.faces().size())
                      .thenComparing(Family::name))
              .orElseThrow();
      left.remove(next);
      heldOut.add(next.name());
    }
    return parts(heldOut);
  }

  private Parts parts(List<String> heldOut) {
    return new Parts(
        faces.stream().filter(face -> !heldOut.contains(face.family())).toList(),
        faces.stream().filter(face -> heldOut.contains(face.family())).toList());
  }
}
