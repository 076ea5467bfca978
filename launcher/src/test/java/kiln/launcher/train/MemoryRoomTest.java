package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.bindings.UserException;
import kiln.launcher.backend.CudaState;
import kiln.launcher.backend.CudaStates;
import kiln.model.pass.Remat;
import org.junit.jupiter.api.Test;

class MemoryRoomTest {
  private static final long GB = 1_000_000_000;
  private static final CudaState.Device H200 = CudaStates.h200(0); // 150.110 GB

  @Test
  void shouldCountTheHeapOfAProcessOnly() {
    MemoryRoom process = MemoryRoom.ofProcess(8 * GB, GB);
    assertEquals("Java", process.user());
    assertEquals(GB + MemoryRoom.PROCESS, process.taken());
    assertEquals("--memory 8.000 GB", process.describe());
    MemoryRoom device = MemoryRoom.ofDevice(8 * GB, H200, 140 * GB, 1);
    assertEquals("CUDA", device.user());
    assertEquals(GB, device.taken(), "context and libraries");
    assertEquals("--memory 8.000 GB", device.describe());
  }

  @Test
  void shouldTakeWhatIsFreeOfAGpuIfNothingIsSaid() {
    MemoryRoom room = MemoryRoom.ofDevice(null, H200, 139_123_456_789L, 1);
    assertEquals(139_123_456_789L, room.bytes());
    assertEquals("GPU 0 (NVIDIA H200) has 139.123 GB free", room.describe());
    assertTrue(room.taken() < GB, "the context has its memory already");
  }

  /** Whichever of them is first to look finds more free than the other. */
  @Test
  void shouldDivideAGpuAmongItsRanksWhateverIsFree() {
    MemoryRoom first = MemoryRoom.ofDevice(null, H200, 140 * GB, 2);
    assertEquals(first, MemoryRoom.ofDevice(null, H200, 30 * GB, 2));
    assertEquals(H200.bytes() / 2, first.bytes());
    assertEquals(GB, first.taken());
  }

  @Test
  void shouldRefuseMoreThanAGpuHas() {
    String alone = refusal(() -> MemoryRoom.ofDevice(200 * GB, H200, 140 * GB, 1));
    assertEquals("option --memory: expected at most the 150.110 GB of GPU 0 (NVIDIA H200), found 200.000 GB", alone);
    String shared = refusal(() -> MemoryRoom.ofDevice(80 * GB, H200, 140 * GB, 2));
    assertTrue(shared.contains("75.055 GB of GPU 0 (NVIDIA H200), which 2 ranks share, found 80.000 GB"), shared);
  }

  @Test
  void shouldNameThePlansNumbersIfNothingFits() {
    MemoryUse use = new MemoryUse(Remat.FULL, false, 20 * GB, 70 * GB, 2 * GB, 400_000_000, "CUDA");
    String line = MemoryRoom.ofDevice(null, H200, 80 * GB, 1).tooLittle(use).getMessage();
    assertEquals(
        "GPU 0 (NVIDIA H200): expected at least 92.400 GB: weights and optimizer 20.000, training plans 70.000, validation plans"
            + " 2.000, CUDA 0.400 (remat full), found 80.000 GB free; a smaller micro_batch needs less",
        line);
    String given = MemoryRoom.ofDevice(90 * GB, H200, 80 * GB, 1).tooLittle(use).getMessage();
    assertTrue(given.startsWith("option --memory: expected at least 92.400 GB: ") && given.endsWith("found 90.000 GB"), given);
  }

  private static String refusal(Runnable body) {
    return assertThrows(UserException.class, body::run).getMessage();
  }
}
