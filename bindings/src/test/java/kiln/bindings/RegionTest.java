package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RegionTest {
  private static final long MEGABYTE = 1 << 20;

  @Test
  void shouldBeZeroAndAligned() {
    for (long bytes : new long[] {0, 1, 100, 4096, 3 * MEGABYTE + 5}) {
      try (Region region = Region.allocate("test", bytes)) {
        assertEquals(bytes, region.byteSize());
        assertEquals(0, region.segment().address() % 64);
        for (long i = 0; i < bytes; i += 999) {
          assertEquals(0, region.segment().get(ValueLayout.JAVA_BYTE, i));
        }
        region.segment().fill((byte) 7);
      }
    }
  }

  /** What a plan reserves and does not reach must not count. */
  @Test
  void shouldTakeRoomForWhatIsWrittenOnly() throws IOException {
    long before = residentKilobytes();
    try (Region region = Region.allocate("test", 512 * MEGABYTE)) {
      long reserved = residentKilobytes() - before;
      assertTrue(reserved < 64 << 10, "reserved=" + reserved);
      region.slice(100 * MEGABYTE, 128 * MEGABYTE).fill((byte) 1);
      long written = residentKilobytes() - before;
      assertTrue(written >= 100 << 10, "written=" + written);
      assertTrue(written < 256 << 10, "written=" + written);
    }
    long after = residentKilobytes() - before;
    assertTrue(after < 64 << 10, "after=" + after);
  }

  @Test
  void shouldNameWhatCannotBeHad() {
    OutOfMemoryError e = assertThrows(OutOfMemoryError.class, () -> Region.allocate("plan", 1L << 56));
    assertTrue(e.getMessage().startsWith("plan: " + (1L << 56) + " bytes cannot be had ("), e.getMessage());
  }

  @Test
  void shouldStayOpenWhileWorkIsInFlight() {
    Region region = Region.allocate("gradients", 64);
    region.acquire();
    IllegalStateException e = assertThrows(IllegalStateException.class, region::close);
    assertTrue(e.getMessage().contains("region gradients"), e.getMessage());
    region.release();
    region.close();
    assertThrows(IllegalStateException.class, () -> region.segment().get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void shouldKnowTheConstantsOfTheSystem() throws IOException, IllegalAccessException {
    SystemConstants.assertChecked(SystemMemory.class, "system_memory.c");
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
