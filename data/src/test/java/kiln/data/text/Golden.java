package kiln.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reference values: those of the test resources, or of the folder in the system property {@code kiln.golden}. */
final class Golden {
  private Golden() {}

  static byte[] read(String name) throws IOException {
    String folder = System.getProperty("kiln.golden");
    if (folder != null) {
      return Files.readAllBytes(Path.of(folder).resolve(name));
    }
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
      return in.readAllBytes();
    }
  }
}
