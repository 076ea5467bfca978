package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedPagesTest {
  private static final int BYTES = 32 << 20;

  @TempDir private Path folder;

  @Test
  void shouldGiveBackPagesOfAFileAndFindThemAgain() throws IOException {
    byte[] content = new byte[BYTES];
    new Random(3).nextBytes(content);
    Path file = Files.write(folder.resolve("data"), content);
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file)) {
      MemorySegment part = channel.map(FileChannel.MapMode.READ_ONLY, 0, BYTES, arena).asSlice(17, BYTES - 100);
      assertEquals(content[17], part.get(JAVA_BYTE, 0));
      part.toArray(JAVA_BYTE);
      long before = mappedFileKilobytes();
      MappedPages.release(part);
      long released = before - mappedFileKilobytes();
      assertTrue(released > (BYTES >> 10) * 9 / 10, "released=" + released + " kB");
      assertArrayEquals(java.util.Arrays.copyOfRange(content, 17, BYTES - 83), part.toArray(JAVA_BYTE));
    }
  }

  @Test
  void shouldLeaveOtherMemoryAlone() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment own = arena.allocate(1 << 20);
      own.fill((byte) 7);
      MappedPages.release(own.asReadOnly());
      assertEquals(7, own.get(JAVA_BYTE, 1 << 19));
    }
  }

  private static long mappedFileKilobytes() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
    String line = lines.stream().filter(l -> l.startsWith("RssFile:")).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}
