package kiln.data.typography;

import java.awt.Font;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;

/**
 * Starts Java's fonts where the system's font configuration (libfontconfig) is missing, as on small Debian installations. Java
 * asks it for the fonts behind names such as "Dialog" and refuses every font if it gets no answer; font files that are opened
 * by name need none of that, and a configuration without entries is enough for them.
 */
final class FontSystem {
  private static final String PROPERTY = "sun.awt.fontconfig";
  private static final String EMPTY_CONFIGURATION = "version=1\nsequence.allfonts=default\n";

  private static boolean started;

  private FontSystem() {}

  static synchronized void start() {
    if (started) {
      return;
    }
    try {
      initialise();
    } catch (RuntimeException | Error e) {
      if (System.getProperty(PROPERTY) != null) {
        throw e;
      }
      startWithoutConfiguration();
    }
    started = true;
  }

  private static void startWithoutConfiguration() {
    try {
      Path file = Files.createTempFile("kiln-fontconfig", ".properties");
      try {
        Files.writeString(file, EMPTY_CONFIGURATION);
        System.setProperty(PROPERTY, file.toString());
        initialise();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UserException("fonts: a temporary file cannot be written: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      throw new UserException("fonts: Java finds none and no font configuration; install Debian package fontconfig", e);
    }
  }

  /** The least that makes Java load its fonts. */
  private static void initialise() {
    new Font(Font.DIALOG, Font.PLAIN, 12).getFamily();
  }
}
