package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRoomTest {
  @TempDir Path folder;

  @Test
  void shouldTakeRoomOnTheDiskAndKeepWhatIsThere() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, "there already");
    try (FileRoom room = FileRoom.of(file)) {
      room.reserve(4096, 1 << 20);
      assertEquals(4096 + (1 << 20), Files.size(file));
      assertTrue(blocks(file) * 512 >= 1 << 20, () -> "blocks=" + blocks(file));
      room.reserve(0, 4096);
    }
    byte[] bytes = Files.readAllBytes(file);
    assertEquals("there already", new String(bytes, 0, 13, StandardCharsets.UTF_8));
    for (int i = 13; i < bytes.length; i++) {
      assertEquals(0, bytes[i]);
    }
  }

  /** What the file really takes, in units of 512 bytes; a file that is only long takes nothing. */
  private static long blocks(Path file) {
    try {
      Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
      return Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSayWhyThereIsNoRoom() throws IOException {
    Path file = folder.resolve("file");
    try (FileRoom room = FileRoom.of(file)) {
      FileSystemException e = assertThrows(FileSystemException.class, () -> room.reserve(0, 1L << 60));
      assertTrue(e.getReason().contains("full") || e.getReason().contains("larger"), e.getReason());
    }
    Path nowhere = folder.resolve("nowhere/file");
    assertEquals("errno 2", assertThrows(FileSystemException.class, () -> FileRoom.of(nowhere)).getReason());
  }

  /** What the compiler has checked against the system's headers is what the Java class says. */
  @Test
  void shouldKnowTheConstantsOfTheSystem() throws IOException, IllegalAccessException {
    String checks = Files.readString(Path.of(System.getProperty("basedir", "."), "../native/checks/file_room.c"));
    Map<String, Long> checked =
        Pattern.compile("^CONSTANT\\((\\w+), .*, (-?\\d+)\\);$", Pattern.MULTILINE).matcher(checks).results()
            .collect(Collectors.toMap(m -> m.group(1), m -> Long.valueOf(m.group(2))));
    Map<String, Long> declared = new HashMap<>();
    for (Field field : FileRoom.class.getDeclaredFields()) {
      if (field.getType().isPrimitive() && Modifier.isStatic(field.getModifiers()) && !Modifier.isPrivate(field.getModifiers())) {
        declared.put(field.getName(), ((Number) field.get(null)).longValue());
      }
    }
    assertEquals(checked, declared);
  }
}
