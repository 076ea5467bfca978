package kiln.data.stamps;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.source.UnusableException;
import kiln.data.text.Utf8;

/**
 * Reads a folder of stamps: {@code X.png} or {@code X.svg} beside {@code X.txt}, whose first line is the English caption and
 * whose other lines are {@code language.utf8=caption}. If a stamp has both pictures, the PNG is used. Lines that are not UTF-8
 * and captions without a picture are left out, with a reason.
 *
 * @param stamps sorted by name
 * @param unusable what was left out
 */
record StampFolder(List<Stamp> stamps, List<UnusableException> unusable) {
  private static final String TEXT = ".txt";
  private static final String KEY_END = ".utf8";

  /**
   * @throws UserException if the folder cannot be read or holds no stamp
   */
  static StampFolder read(Path folder) {
    List<Stamp> stamps = new ArrayList<>();
    List<UnusableException> unusable = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path text : files.filter(file -> file.toString().endsWith(TEXT)).sorted().toList()) {
        String path = text.toString();
        String base = path.substring(0, path.length() - TEXT.length());
        Path image = Path.of(base + ".png");
        if (!Files.exists(image)) {
          image = Path.of(base + ".svg");
        }
        if (!Files.exists(image)) {
          unusable.add(new UnusableException("caption without image", text + ": no .png or .svg beside it"));
          continue;
        }
        List<Stamp.Caption> captions = captions(text, Files.readAllBytes(text), unusable);
        if (captions.isEmpty()) {
          unusable.add(new UnusableException("no caption", text + ": holds no usable caption"));
        } else {
          String name = folder.relativize(Path.of(base)).toString();
          stamps.add(new Stamp(name, image, captions));
        }
      }
    } catch (IOException e) {
      throw new UserException(folder + ": stamps cannot be read: " + e.getMessage(), e);
    }
    if (stamps.isEmpty()) {
      throw new UserException(folder + ": no stamps (X.png or X.svg beside X.txt) found");
    }
    return new StampFolder(List.copyOf(stamps), List.copyOf(unusable));
  }

  private static List<Stamp.Caption> captions(Path file, byte[] bytes, List<UnusableException> unusable) {
    List<Stamp.Caption> captions = new ArrayList<>();
    int number = 0;
    for (int start = 0; start < bytes.length; number++) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      try {
        addCaption(captions, number, Utf8.decode(bytes, start, end, file.toString()));
      } catch (Utf8.InvalidUtf8Exception e) {
        unusable.add(new UnusableException("caption with invalid UTF-8", e.getMessage()));
      }
      start = end + 1;
    }
    return captions;
  }

  private static void addCaption(List<Stamp.Caption> captions, int number, String line) {
    int equals = line.indexOf('=');
    String language = StampsOptions.ENGLISH;
    String text = line;
    if (number > 0) {
      if (equals < 0 || !line.substring(0, equals).endsWith(KEY_END)) {
        return;
      }
      language = line.substring(0, equals - KEY_END.length());
      text = line.substring(equals + 1);
    }
    text = text.strip();
    if (!text.isEmpty()) {
      captions.add(new Stamp.Caption(number, language, text));
    }
  }
}
