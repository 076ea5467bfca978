package kiln.launcher.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuCardTest {
  /**
   * The data sheets' peaks are multiprocessors × clock × what each does in a cycle: 4096 operations of dense bfloat16 products on
   * Hopper, 2048 on the A100, 1024 on Ampere's and Ada's other cards; in float32 two per core, with 128 cores, on the A100 64.
   */
  @ParameterizedTest
  @CsvSource({
    "h200, 132, 1.83, 4096, 1.98, 256",
    "h100, 132, 1.83, 4096, 1.98, 256",
    "a100, 108, 1.41, 2048, 1.41, 128",
    "a100-40gb, 108, 1.41, 2048, 1.41, 128",
    "a40, 84, 1.74, 1024, 1.74, 256",
    "l40s, 142, 2.52, 1024, 2.52, 256",
  })
  void shouldHaveThePeaksOfItsMultiprocessors(
      String name, int multiprocessors, double tensorGigahertz, int bf16PerCycle, double gigahertz, int f32PerCycle) {
    GpuCard card = GpuCard.of(name).orElseThrow();
    double bf16 = multiprocessors * tensorGigahertz * 1e9 * bf16PerCycle;
    double f32 = multiprocessors * gigahertz * 1e9 * f32PerCycle;
    assertEquals(1, card.peakFlops(true) / bf16, 0.015, () -> card + " bf16");
    assertEquals(1, card.peakFlops(false) / f32, 0.015, () -> card + " float32");
  }

  /** Bytes per second are pins of the bus × bits per second of each. */
  @ParameterizedTest
  @CsvSource({"a100, 5120, 3.186", "a100-pcie, 5120, 3.024", "a100-40gb, 5120, 2.43", "a40, 384, 14.5", "l40s, 384, 18"})
  void shouldHaveTheBandwidthOfItsBus(String name, int bits, double gigabitsPerPin) {
    GpuCard card = GpuCard.of(name).orElseThrow();
    assertEquals(1, card.peakBytes() / (bits / 8.0 * gigabitsPerPin * 1e9), 0.01, () -> card.toString());
  }

  @Test
  void shouldBeFoundByTheNamesThatUsersWrite() {
    assertEquals(GpuCard.H100_PCIE, GpuCard.of("H100-pcie").orElseThrow());
    assertTrue(GpuCard.of("h300").isEmpty());
    assertTrue(GpuCard.names().containsAll(List.of("h200", "h100", "a100", "b200")));
    assertEquals(141_000_000_000L, GpuCard.H200.bytes());
  }
}
