package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.time.Duration;
import java.util.Optional;
import kiln.bindings.NativeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ways of NCCL's non-blocking mode, with NCCL for tests (native/fake_cuda/nccl). */
class NcclCommunicatorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PEER_GONE = 1;
  private static final int NEVER_DONE = 2;

  private FakeCuda cuda;

  @BeforeEach
  void open() {
    cuda = new FakeCuda();
  }

  @AfterEach
  void close() {
    if (cuda != null) {
      fail(0);
      assertEquals(0, FakeCuda.call(CudaLibrary.NCCL, "kiln_fake_nccl_live"), "communicators");
      cuda.close();
    }
  }

  private static void fail(int how) {
    var address = CudaLibraries.lookup(CudaLibrary.NCCL).findOrThrow("kiln_fake_nccl_fail");
    try {
      Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.ofVoid(JAVA_INT)).invokeExact(how);
    } catch (Throwable thrown) {
      throw new AssertionError(thrown);
    }
  }

  private static NcclCommunicator join() {
    return NcclCommunicator.join(new NcclId(NcclId.create().bytes()), 0, 1, PATIENCE);
  }

  @Test
  void shouldRunEveryCollective() {
    try (NcclCommunicator communicator = join();
        DeviceRegion input = cuda.floats(1, 2);
        DeviceRegion output = cuda.floats(0, 0)) {
      assertEquals(0, communicator.rank());
      assertEquals(1, communicator.size());
      assertEquals(0, communicator.device());
      communicator.allReduce(input.memory(), output.memory(), NcclType.F32, NcclReduction.AVERAGE, cuda.stream);
      assertArrayEquals(new float[] {1, 2}, cuda.read(output.memory()));
      cuda.write(input.memory(), 3, 4);
      communicator.reduceScatter(input.memory(), output.memory(), NcclType.F32, NcclReduction.SUM, cuda.stream);
      assertArrayEquals(new float[] {3, 4}, cuda.read(output.memory()));
      cuda.write(input.memory(), 5, 6);
      communicator.allGather(input.memory(), output.memory(), NcclType.BF16, cuda.stream);
      communicator.broadcast(output.memory(), NcclType.I8, 0, cuda.stream);
      assertArrayEquals(new float[] {5, 6}, cuda.read(output.memory()));
    }
  }

  @Test
  void shouldStartGroupAsOne() {
    try (NcclCommunicator communicator = join();
        DeviceRegion input = cuda.floats(1, 2);
        DeviceRegion output = cuda.floats(0, 0)) {
      communicator.group(
          () -> {
            communicator.send(input.memory(), NcclType.F32, 0, cuda.stream);
            communicator.receive(output.memory(), NcclType.F32, 0, cuda.stream);
            assertArrayEquals(new float[] {0, 0}, cuda.read(output.memory()), "not yet");
          });
      assertArrayEquals(new float[] {1, 2}, cuda.read(output.memory()));
      assertThrows(NativeException.class, () -> communicator.send(input.memory(), NcclType.F32, 0, cuda.stream));
    }
  }

  @Test
  void shouldSplit() {
    try (NcclCommunicator all = join();
        NcclCommunicator part = all.split(3, 0);
        DeviceRegion data = cuda.floats(1)) {
      assertEquals(1, part.size());
      part.allReduce(data.memory(), data.memory(), NcclType.F32, NcclReduction.MAX, cuda.stream);
      all.allReduce(data.memory(), data.memory(), NcclType.F32, NcclReduction.MIN, cuda.stream);
    }
  }

  @Test
  void shouldReportPeerThatIsGone() {
    NcclCommunicator communicator = join();
    assertEquals(Optional.empty(), communicator.asyncError());
    fail(PEER_GONE);
    assertEquals(
        Optional.of("remote process exited or there was a network error: peer 1 is gone"), communicator.asyncError());
    communicator.abort();
    communicator.abort();
    communicator.close();
    var e = assertThrows(IllegalStateException.class, communicator::asyncError);
    assertEquals("the communicator was closed or aborted", e.getMessage());
  }

  @Test
  void shouldNotWaitForeverForPeers() {
    fail(NEVER_DONE);
    Duration little = Duration.ofMillis(30);
    NcclId id = NcclId.create();
    NativeException e = assertThrows(NativeException.class, () -> NcclCommunicator.join(id, 0, 1, little));
    assertEquals("ncclCommInitRankConfig", e.function());
    assertTrue(e.text().endsWith("no answer of the other ranks in 30 ms"), e.text());
  }

  @Test
  void shouldAbortIfPeersDoNotLeave() {
    NcclCommunicator communicator = NcclCommunicator.join(NcclId.create(), 0, 1, Duration.ofMillis(200));
    fail(PEER_GONE);
    NativeException e = assertThrows(NativeException.class, communicator::close);
    assertEquals("ncclCommFinalize", e.function());
  }

  @Test
  void shouldRefuseCountsThatDoNotFit() {
    try (NcclCommunicator communicator = join();
        DeviceRegion one = cuda.floats(1);
        DeviceRegion two = cuda.floats(1, 2)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> communicator.allReduce(one.memory(), two.memory(), NcclType.F32, NcclReduction.SUM, cuda.stream));
      assertThrows(
          IllegalArgumentException.class, () -> communicator.broadcast(two.slice(0, 3), NcclType.BF16, 0, cuda.stream));
    }
    assertThrows(IllegalArgumentException.class, () -> new NcclId(new byte[127]));
  }
}
