package kiln.data.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import kiln.bindings.UserException;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebFileTest {
  @TempDir Path folder;

  private Path deb(String member, Map<String, String> files) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new XZCompressorOutputStream(data))) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] bytes = file.getValue().getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
    }
    Path deb = folder.resolve("a.deb");
    try (ArArchiveOutputStream ar = new ArArchiveOutputStream(Files.newOutputStream(deb))) {
      byte[] version = "2.0\n".getBytes(StandardCharsets.US_ASCII);
      put(ar, "debian-binary", version);
      put(ar, member, data.toByteArray());
    }
    return deb;
  }

  private static void put(ArArchiveOutputStream ar, String name, byte[] bytes) throws IOException {
    ar.putArchiveEntry(new ArArchiveEntry(name, bytes.length));
    ar.write(bytes);
    ar.closeArchiveEntry();
  }

  @Test
  void shouldUnpackTheWantedFiles() throws Exception {
    Map<String, String> files = new TreeMap<>();
    files.put("./usr/share/fonts/a/A.ttf", "A");
    files.put("./usr/share/fonts/readme.txt", "r");
    files.put("./usr/share/doc/B.ttf", "B");
    Path target = Files.createDirectory(folder.resolve("target"));
    assertEquals(1, DebFile.unpack(deb("data.tar.xz", files), "usr/share/fonts/", ".*\\.ttf", target));
    assertEquals("A", Files.readString(target.resolve("a/A.ttf")));
    assertFalse(Files.exists(target.resolve("readme.txt")));
  }

  @Test
  void shouldRefuseEntryOutsideItsFolder() throws Exception {
    Path target = Files.createDirectory(folder.resolve("target"));
    Path deb = deb("data.tar.xz", Map.of("./usr/share/fonts/../../../evil.ttf", "e"));
    assertThrows(UserException.class, () -> DebFile.unpack(deb, "usr/share/fonts/", ".*", target));
    assertFalse(Files.exists(folder.resolve("evil.ttf")));
  }

  @Test
  void shouldRefuseOtherFiles() throws Exception {
    Path target = Files.createDirectory(folder.resolve("target"));
    Path packed = deb("data.tar.zst", Map.of("./a", "a"));
    UserException e = assertThrows(UserException.class, () -> DebFile.unpack(packed, "", ".*", target));
    assertTrue(e.getMessage().contains("data.tar.zst"), e.getMessage());
    Path none = deb("control.tar.xz", Map.of("./a", "a"));
    assertThrows(UserException.class, () -> DebFile.unpack(none, "", ".*", target));
  }

  @Test
  void shouldUseWhatIsCachedWithoutFetching() throws Exception {
    Path cached = Files.createDirectories(folder.resolve("packages/some-package"));
    DebianPackage some = new DebianPackage("some-package", "usr/", ".*");
    assertEquals(cached, some.folder(folder, line -> assertTrue(false, line)));
  }
}
