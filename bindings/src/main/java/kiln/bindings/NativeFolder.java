package kiln.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Where the native libraries lie as files. The loader needs files: libraries inside a jar are extracted once into a cache
 * folder that is named by their content, so that it never goes stale and several processes may race to make it.
 *
 * <pre>
 *   native/ in the cache folder
 *     3f0a…91/   libgomp.so.1  libdnnl.so.3  libkiln_cpu.so
 * </pre>
 */
final class NativeFolder {
  static final String OPENMP = "libgomp.so.1";
  static final String DNNL = "libdnnl.so.3";
  static final String KILN_CPU = "libkiln_cpu.so";

  /** In the order in which they have to be loaded. */
  static final List<String> FILES = List.of(OPENMP, DNNL, KILN_CPU);

  private static final String RESOURCES = "kiln/native/linux-x86_64/";

  private NativeFolder() {}

  /**
   * @throws UserException if there are no libraries for this machine
   */
  static Path find() {
    String named = System.getProperty(NativeLibraries.FOLDER_PROPERTY);
    if (named != null) {
      return Path.of(named);
    }
    String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!machine.equals("Linux amd64")) {
      throw new UserException("native libraries: found a machine of type " + machine + ", expected Linux amd64");
    }
    URL resource = NativeFolder.class.getClassLoader().getResource(RESOURCES + KILN_CPU);
    if (resource == null) {
      throw new UserException("native libraries: found no " + RESOURCES + KILN_CPU + " on the class path; a build makes it");
    }
    try {
      URI uri = resource.toURI();
      return uri.getScheme().equals("file") ? Path.of(uri).getParent() : extract(cache());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UserException("native libraries cannot be extracted to " + cache() + ": " + e, e);
    }
  }

  /** Copies the libraries of the class path into a folder of {@code parent} that appears at once and complete. */
  static Path extract(Path parent) throws IOException {
    Path target = parent.resolve(contentHash());
    if (Files.isDirectory(target)) {
      return target;
    }
    Files.createDirectories(parent);
    Path aside = Files.createTempDirectory(parent, "new-");
    for (String file : FILES) {
      try (InputStream in = open(file)) {
        Files.copy(in, aside.resolve(file));
      }
    }
    try {
      return Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) { // the kernel's "not empty" has no type of its own here
      if (!Files.isDirectory(target)) {
        throw e;
      }
      // Another process of this user was first.
      for (String file : FILES) {
        Files.delete(aside.resolve(file));
      }
      Files.delete(aside);
      return target;
    }
  }

  private static Path cache() {
    return CacheFolder.path().resolve("native");
  }

  private static String contentHash() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] block = new byte[1 << 16];
      for (String file : FILES) {
        try (InputStream in = open(file)) {
          for (int n = in.read(block); n >= 0; n = in.read(block)) {
            digest.update(block, 0, n);
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InputStream open(String file) throws IOException {
    InputStream in = NativeFolder.class.getClassLoader().getResourceAsStream(RESOURCES + file);
    if (in == null) {
      throw new IOException("no " + RESOURCES + file + " on the class path");
    }
    return in;
  }
}
