package kiln.data.picture;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import kiln.data.input.Input;
import kiln.data.input.InputException;
import kiln.data.input.Inputs;
import kiln.data.source.RawSample;
import kiln.data.source.UnusableException;

/**
 * Picture files below a folder of this machine or of a server, named by data that may come from anywhere: a name that leaves the
 * folder is refused, whatever it would show.
 */
public final class PictureFiles {
  public static final String OUTSIDE = "path leaves its folder";
  public static final String TOO_LARGE = "image file too large";

  private final String root;
  private final Inputs inputs;
  private final long maxBytes;

  /**
   * @param root a folder: a path, or http(s)://… or s3://… without a last slash
   * @param maxBytes larger files are left out
   */
  public PictureFiles(String root, Inputs inputs, long maxBytes) {
    this.root = Inputs.isLocal(root) ? Path.of(root).toAbsolutePath().normalize().toString() : root;
    this.inputs = inputs;
    this.maxBytes = maxBytes;
  }

  /**
   * A name below the folder in its shortest form, with slashes.
   *
   * @param origin of the name, for messages
   * @throws UnusableException if it is absolute, leads out of the folder, or is no name
   */
  public static String inside(String name, String origin) throws UnusableException {
    try {
      Path path = Path.of(name).normalize();
      boolean control = name.chars().anyMatch(Character::isISOControl);
      if (name.isEmpty() || control || path.isAbsolute() || path.startsWith("..") || path.toString().isEmpty()) {
        throw new UnusableException(OUTSIDE, origin + ": " + shown(name) + ": expected a path inside the folder");
      }
      return path.toString();
    } catch (InvalidPathException e) {
      throw new UnusableException(OUTSIDE, origin + ": " + shown(name) + ": is no path");
    }
  }

  private static String shown(String name) {
    String line = name.replaceAll("\\p{Cntrl}", "?");
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }

  /** Whether a file's name looks like a picture's. */
  public static boolean isPicture(String name) {
    return name.toLowerCase(Locale.ROOT).matches(".*\\.(png|jpe?g|webp|tiff?|bmp|gif)");
  }

  /**
   * A picture that is read when it is needed.
   *
   * @param name from {@link #inside}
   * @param origin of the name, for messages
   */
  public RawSample.EncodedPicture picture(String name, String origin) {
    return () -> {
      Input input = input(name);
      try (InputStream stream = input.open()) {
        byte[] bytes = stream.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, maxBytes + 1));
        if (bytes.length > maxBytes) {
          throw new UnusableException(TOO_LARGE, origin + ": " + input.location() + ": at most " + maxBytes + " bytes are read");
        }
        return bytes;
      } catch (InputException e) {
        throw new UnusableException(e.reason(), origin + ": " + e.getMessage());
      } catch (IOException e) {
        throw new UnusableException(InputException.UNREADABLE, origin + ": " + input.location() + ": cannot be read");
      }
    };
  }

  private Input input(String name) throws UnusableException {
    if (Inputs.isLocal(root)) {
      // Absolute, so that no name looks like another kind of location.
      return inputs.of(root + "/" + name);
    }
    try {
      String path = root.startsWith("http") ? new URI(null, null, "/" + name, null).getRawPath() : "/" + name;
      return inputs.of(root + path);
    } catch (URISyntaxException e) {
      throw new UnusableException(OUTSIDE, root + ": " + shown(name) + ": is no path");
    }
  }
}
