package kiln.collectives.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import kiln.bindings.UserException;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.JoinTimeoutException;
import kiln.collectives.PeerLostException;
import kiln.collectives.Pending;
import kiln.collectives.Reduction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that are threads of one process, and what only the owner of the file sees. */
@Timeout(60)
class LocalThreadsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir Path folder;

  private <T> List<T> onRanks(int size, Function<Communicator, T> program) throws InterruptedException, ExecutionException {
    Path file = folder.resolve("ranks");
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        int rank = i;
        futures.add(
            threads.submit(
                () -> {
                  try (Communicator c = LocalCommunicator.join(file, rank, size, TIMEOUT)) {
                    return program.apply(c);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }

  @Test
  void shouldJoinThreadsOfOneProcess() throws Exception {
    List<Integer> sums =
        onRanks(
            3,
            c -> {
              try (Arena arena = Arena.ofShared()) {
                MemorySegment data = arena.allocate(ValueLayout.JAVA_INT, 1000);
                data.setAtIndex(ValueLayout.JAVA_INT, 999, 1 << c.rank());
                c.allReduce(data, ElementType.I32, Reduction.SUM);
                return data.getAtIndex(ValueLayout.JAVA_INT, 999);
              }
            });
    assertEquals(List.of(7, 7, 7), sums);
  }

  @Test
  void shouldLeaveNoFileBehind() throws Exception {
    List<Integer> left =
        onRanks(
            2,
            c -> {
              c.barrier();
              return folder.toFile().list().length;
            });
    assertEquals(List.of(0, 0), left);
  }

  @Test
  void shouldJoinAnewWhereADeadProcessLeftItsFile() throws Exception {
    Path file = folder.resolve("ranks");
    try (LocalSegment stale = LocalSegment.create(file, 2, LocalCommunicator.sliceBytes(2))) {
      // A process that has the number of a living one but started at another time.
      stale.memory().set(ValueLayout.JAVA_LONG, LocalSegmentDescriptor.CREATOR_START_OFFSET, 1);
      assertEquals(List.of(0, 1), onRanks(2, Communicator::rank));
    }
  }

  @Test
  void shouldFailWhatIsUnderWayWhenClosed() {
    onlyOne(
        (present, absent) -> {
          Pending barrier = present.barrierAsync();
          Pending next = present.barrierAsync();
          assertFalse(barrier.isDone());
          present.close();
          assertThrows(CollectiveException.class, barrier::await);
          assertThrows(CollectiveException.class, next::await);
          assertThrows(CollectiveException.class, present::barrier);
          present.close();
          present.abort("too late");
        });
  }

  private interface TwoRanks {
    void run(Communicator present, Communicator absent);
  }

  private void onlyOne(TwoRanks program) {
    Path file = folder.resolve("ranks");
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
      Future<LocalCommunicator> other = threads.submit(() -> LocalCommunicator.join(file, 1, 2, TIMEOUT));
      try (Communicator present = LocalCommunicator.join(file, 0, 2, TIMEOUT);
          Communicator absent = other.get()) {
        program.run(present, absent);
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void shouldNotWaitForARankThatLeftAfterTheLastOperation() {
    onlyOne(
        (present, absent) -> {
          Pending barrier = present.barrierAsync();
          absent.barrier();
          absent.close();
          barrier.await();
        });
  }

  @Test
  void shouldNameARankThatDiedWhileOthersWereJoining() {
    Path file = folder.resolve("ranks");
    try (LocalSegment segment = LocalSegment.create(file, 3, LocalCommunicator.sliceBytes(3))) {
      assertTrue(segment.claim(1));
      segment.memory().set(ValueLayout.JAVA_LONG, LocalSegmentDescriptor.startTimeOffset(1), 1);
      PeerLostException lost =
          assertThrows(PeerLostException.class, () -> LocalCommunicator.join(file, 2, 3, TIMEOUT));
      assertEquals(1, lost.rank());
      assertEquals("join", lost.operation());
    }
  }

  @Test
  void shouldRefuseARankThatIsTaken() throws Exception {
    Path file = folder.resolve("ranks");
    try (LocalSegment segment = LocalSegment.create(file, 2, LocalCommunicator.sliceBytes(2))) {
      assertTrue(segment.claim(1));
      UserException refused = assertThrows(UserException.class, () -> LocalCommunicator.join(file, 1, 2, TIMEOUT));
      assertTrue(refused.getMessage().contains("rank 1 is taken by process"), refused.getMessage());
    }
  }

  @Test
  void shouldRefuseFilesOfAnotherKindOrSize() throws Exception {
    Path file = folder.resolve("ranks");
    Files.write(file, new byte[10_000]);
    UserException other = assertThrows(UserException.class, () -> LocalCommunicator.join(file, 1, 2, TIMEOUT));
    assertTrue(other.getMessage().contains("another file"), other.getMessage());
    Files.write(file, new byte[10]);
    UserException small = assertThrows(UserException.class, () -> LocalCommunicator.join(file, 1, 2, TIMEOUT));
    assertTrue(small.getMessage().contains("10 bytes"), small.getMessage());
    try (LocalSegment segment = LocalSegment.create(file, 2, LocalCommunicator.sliceBytes(2))) {
      UserException ranks = assertThrows(UserException.class, () -> LocalCommunicator.join(file, 1, 3, TIMEOUT));
      assertTrue(ranks.getMessage().contains("expected 3 ranks"), ranks.getMessage());
      assertEquals(2, segment.numRanks());
    }
  }

  @Test
  void shouldNameTheFileThatCannotBeCreated() {
    Path file = folder.resolve("missing").resolve("ranks");
    UserException refused = assertThrows(UserException.class, () -> LocalCommunicator.join(file, 0, 2, TIMEOUT));
    assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
  }

  @Test
  void shouldWaitForRankZeroNoLongerThanAllowed() {
    Path file = folder.resolve("ranks");
    JoinTimeoutException late =
        assertThrows(JoinTimeoutException.class, () -> LocalCommunicator.join(file, 1, 3, Duration.ofMillis(50)));
    assertEquals(List.of(0), late.missing());
  }
}
