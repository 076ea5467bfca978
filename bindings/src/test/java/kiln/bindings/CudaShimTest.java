package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the shim finds in the kernels of {@code native/cuda/host/faults.cu}, which are wrong on purpose. */
class CudaShimTest {
  private static final int THREADS = 256;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment y = arena.allocate(THREADS * Double.BYTES, 64);
  private CudaShim shim;

  @BeforeEach
  void open() {
    shim = new CudaShim();
  }

  @AfterEach
  void close() {
    if (shim != null) {
      shim.close();
    }
    arena.close();
  }

  private void launch(String kernel, MemorySegment... more) {
    MemorySegment arguments = arena.allocate(ADDRESS, 1 + more.length);
    arguments.setAtIndex(ADDRESS, 0, arena.allocateFrom(ADDRESS, y));
    for (int i = 0; i < more.length; i++) {
      arguments.setAtIndex(ADDRESS, 1 + i, more[i]);
    }
    shim.launch(kernel, 2, THREADS, arguments);
  }

  private void assertFault(String expected, String kernel, MemorySegment... more) {
    String message = assertThrows(CudaShim.Fault.class, () -> launch(kernel, more)).getMessage();
    assertTrue(message.contains(expected), message);
    launch("kiln_fault_none"); // the next launch is not disturbed
  }

  @Test
  void shouldFindABarrierThatEndedThreadsDoNotReach() {
    assertFault(
        "block 0: 7 threads have ended, 249 wait for others in __syncthreads at faults.cu:6", "kiln_fault_ended_threads");
  }

  @Test
  void shouldFindThreadsAtDifferentBarriers() {
    assertFault("__syncthreads at faults.cu:15 while others are at the one at faults.cu:13", "kiln_fault_two_barriers");
  }

  @Test
  void shouldFindAWarpThatIsNotTogether() {
    assertFault("128 threads have ended, 128 wait for others in a function of the warp", "kiln_fault_divided_warp");
    assertFault("a mask that is not of all lanes at faults.cu:29", "kiln_fault_partial_mask");
  }

  @Test
  void shouldFindAnIndexOutsideSharedMemory() {
    assertFault(
        "thread 40 of block 0: index 32 is out of bounds at faults.cu:35", "kiln_fault_out_of_bounds",
        arena.allocateFrom(JAVA_INT, 32));
    assertFault("index -1 is out of bounds", "kiln_fault_out_of_bounds", arena.allocateFrom(JAVA_INT, -1));
    launch("kiln_fault_out_of_bounds", arena.allocateFrom(JAVA_INT, 31));
  }

  @Test
  void shouldShowAMissingBarrierByTheOrderOfThreads() {
    assertFalse(Arrays.equals(ints("kiln_fault_missing_barrier", false), ints("kiln_fault_missing_barrier", true)));
    int[] expected = new int[THREADS];
    Arrays.setAll(expected, i -> (i + 1) % THREADS);
    assertArrayEquals(expected, ints("kiln_fault_none", false));
    assertArrayEquals(expected, ints("kiln_fault_none", true));
  }

  private int[] ints(String kernel, boolean descending) {
    shim.setDescending(descending);
    launch(kernel);
    return y.asSlice(0, THREADS * Integer.BYTES).toArray(JAVA_INT);
  }

  @Test
  void shouldFillSharedMemoryWithNaN() {
    launch("kiln_fault_unwritten");
    assertTrue(Float.isNaN(y.getAtIndex(JAVA_FLOAT, 0)));
    assertEquals(1, y.getAtIndex(JAVA_FLOAT, 1));
  }

  @Test
  void shouldSumAndVoteAsAWarpDoes() {
    launch("kiln_fault_free_sums");
    double sums = 3.0 * THREADS * (THREADS - 1) / 2;
    for (int i = 0; i < THREADS; i++) {
      int first = i / 32 * 32;
      int votes = (first + 31) / 3 - (first + 2) / 3 + 1;
      assertEquals(sums + votes + first + 5, y.getAtIndex(JAVA_DOUBLE, i), "thread " + i);
    }
  }

  @Test
  void shouldRefuseWhatIsNoLaunch() {
    assertThrows(CudaShim.Fault.class, () -> launch("kiln_no_such_kernel"));
    MemorySegment none = MemorySegment.NULL;
    String message = assertThrows(CudaShim.Fault.class, () -> shim.launch("kiln_fault_none", 1, 100, none)).getMessage();
    assertTrue(message.contains("1 blocks of 100 threads, expected whole warps"), message);
  }
}
