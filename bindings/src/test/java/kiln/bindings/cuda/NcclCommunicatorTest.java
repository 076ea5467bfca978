package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  private interface TwoRanks {
    void run(NcclCommunicator ranks, CudaStream stream, DeviceMemory data, DeviceMemory result);
  }

  /** Two ranks that are threads, each with two numbers: 1 and 2, or 3 and 4. */
  private void onTwoRanks(TwoRanks program) throws Exception {
    NcclId id = NcclId.create();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int rank = i;
        ends.add(
            threads.submit(
                () -> {
                  cuda.context.makeCurrent();
                  try (NcclCommunicator ranks = NcclCommunicator.join(id, rank, 2, PATIENCE);
                      CudaStream stream = new CudaStream();
                      DeviceRegion data = cuda.floats(1 + 2 * rank, 2 + 2 * rank);
                      DeviceRegion result = cuda.floats(0, 0, 0, 0)) {
                    program.run(ranks, stream, data.memory(), result.memory());
                    stream.synchronize();
                  }
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }

  private float[] read(CudaStream stream, DeviceMemory memory) {
    stream.synchronize();
    return cuda.read(memory);
  }

  @Test
  void shouldMoveAndReduceBetweenRanks() throws Exception {
    onTwoRanks(
        (ranks, stream, data, result) -> {
          DeviceMemory half = result.slice(0, 8);
          ranks.allReduce(data, half, NcclType.F32, NcclReduction.SUM, stream);
          assertArrayEquals(new float[] {4, 6}, read(stream, half));
          ranks.reduce(data, half, NcclType.F32, NcclReduction.AVERAGE, 1, stream);
          assertArrayEquals(ranks.rank() == 1 ? new float[] {2, 3} : new float[] {4, 6}, read(stream, half));
          ranks.allGather(data, result, NcclType.F32, stream);
          assertArrayEquals(new float[] {1, 2, 3, 4}, read(stream, result));
          ranks.reduceScatter(result, data, NcclType.F32, NcclReduction.MAX, stream);
          assertArrayEquals(ranks.rank() == 0 ? new float[] {1, 2} : new float[] {3, 4}, read(stream, data));
          ranks.broadcast(data, NcclType.F32, 1, stream);
          assertArrayEquals(new float[] {3, 4}, read(stream, data));
        });
  }

  @Test
  void shouldExchangeBetweenRanks() throws Exception {
    onTwoRanks(
        (ranks, stream, data, result) -> {
          DeviceMemory half = result.slice(0, 8);
          int peer = 1 - ranks.rank();
          ranks.group(
              () -> {
                ranks.send(data, NcclType.F32, peer, stream);
                ranks.receive(half, NcclType.F32, peer, stream);
              });
          assertArrayEquals(ranks.rank() == 0 ? new float[] {3, 4} : new float[] {1, 2}, read(stream, half));
          try (NcclCommunicator part = ranks.split(ranks.rank(), 0)) {
            assertEquals(1, part.size());
          }
          try (NcclCommunicator turned = ranks.split(7, peer)) {
            assertEquals(peer, turned.rank());
          }
        });
  }

  @Test
  void shouldEndWhatIsQueuedWhenAborted() throws Exception {
    onTwoRanks(
        (ranks, stream, data, result) -> {
          ranks.allReduce(data, data, NcclType.F32, NcclReduction.SUM, stream); // both are there
          stream.synchronize();
          if (ranks.rank() == 0) {
            ranks.allReduce(data, data, NcclType.F32, NcclReduction.SUM, stream); // the other rank does not come
            assertFalse(stream.isIdle());
          }
          ranks.abort();
          stream.synchronize();
        });
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
