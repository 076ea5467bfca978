package kiln.collectives.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Pending;
import kiln.collectives.Reduction;
import kiln.collectives.local.LocalCommunicator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written down of a rank's collectives. */
class FlightRecorderTest {
  private static final Collective BARRIER = new Collective.Barrier();

  @TempDir Path temporary;

  private Path file() {
    return temporary.resolve("rank.ring");
  }

  /** Operations that are done when the test says so. */
  private static final class Scripted implements Communicator {
    private boolean done = true;
    private boolean fails;
    private final Pending pending =
        new Pending() {
          @Override
          public void await() {
            if (fails) {
              throw new CollectiveException("scripted");
            }
          }

          @Override
          public boolean isDone() {
            return done;
          }

          @Override
          public long nanos() {
            return 5_000;
          }

          @Override
          public long started() {
            return System.nanoTime();
          }
        };

    @Override
    public int rank() {
      return 1;
    }

    @Override
    public int size() {
      return 4;
    }

    @Override
    public Pending start(Collective collective) {
      return pending;
    }

    @Override
    public void run(Collective collective) {
      pending.await();
    }

    @Override
    public Communicator split(int color) {
      return new Scripted();
    }

    @Override
    public void abort(String reason) {}

    @Override
    public void close() {}
  }

  @Test
  void shouldWriteDownWhatRanksDo() {
    try (Arena arena = Arena.ofShared();
        FlightRecorder recorder = FlightRecorder.create(file(), 0, 1, 8);
        Communicator world =
            RecordingCommunicator.of(
                LocalCommunicator.join(LocalCommunicator.newFile(), 0, 1, Duration.ofSeconds(30)), recorder, "world")) {
      MemorySegment data = arena.allocate(64);
      world.allReduceAsync(data, ElementType.F32, Reduction.AVERAGE).await();
      try (Communicator half = world.split(3)) {
        half.broadcast(data, 8, ElementType.I64, 0);
      }
      world.barrier();
      List<RecordedCollective> read = FlightRecording.read(file()).collectives(); // while it is open
      assertEquals(
          List.of("world allReduce #0 64", "world split #1 0", "world/0:3 broadcast #0 64", "world barrier #2 0"),
          read.stream().map(c -> c.communicator() + " " + c.kind().title() + " #" + c.sequence() + " " + c.bytes()).toList());
      assertEquals(Optional.of(ElementType.F32), read.getFirst().type());
      assertEquals(Optional.of(Reduction.AVERAGE), read.getFirst().reduction());
      assertEquals(Optional.empty(), read.get(1).type());
      assertTrue(read.stream().allMatch(c -> c.ended().isPresent() && !c.failed()), read::toString);
      assertTrue(recorder.waitedNanos() > 0);
    }
  }

  @Test
  void shouldKeepTheLastOnes() {
    try (FlightRecorder recorder = FlightRecorder.create(file(), 1, 4, 8)) {
      Communicator world = RecordingCommunicator.of(new Scripted(), recorder, "world");
      for (int i = 0; i < 100; i++) {
        world.run(BARRIER);
      }
    }
    FlightRecording recording = FlightRecording.read(file()); // after it was closed
    assertEquals(100, recording.count());
    assertEquals(ProcessHandle.current().pid(), recording.process());
    assertEquals(List.of(92L, 99L), List.of(recording.collectives().getFirst().sequence(), recording.collectives().getLast().sequence()));
  }

  @Test
  void shouldTellWhatIsUnderWayAndWhatFailed() {
    try (FlightRecorder recorder = FlightRecorder.create(file(), 1, 4, 8)) {
      Scripted inner = new Scripted();
      Communicator world = RecordingCommunicator.of(inner, recorder, "world");
      world.run(BARRIER);
      assertEquals(Optional.empty(), recorder.longestUnderWay());
      inner.done = false;
      Pending pending = world.start(BARRIER);
      world.start(BARRIER);
      LaneState state = recorder.longestUnderWay().orElseThrow();
      assertEquals(List.of(3L, 1L), List.of(state.issued(), state.ended()));
      assertEquals(Optional.empty(), FlightRecording.read(file()).collectives().getLast().ended());
      inner.done = true;
      inner.fails = true;
      assertThrows(CollectiveException.class, pending::await);
      assertEquals(Optional.empty(), recorder.longestUnderWay());
      assertEquals(
          List.of(false, true, false),
          FlightRecording.read(file()).collectives().stream().map(RecordedCollective::failed).toList());
    }
  }

  @Test
  void shouldNotAllocate() {
    com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (FlightRecorder recorder = FlightRecorder.create(file(), 1, 4, 1000)) {
      Communicator world = RecordingCommunicator.of(new Scripted(), recorder, "world");
      operate(world, 5_000);
      long before = threads.getCurrentThreadAllocatedBytes();
      operate(world, 5_000);
      long perOperation = (threads.getCurrentThreadAllocatedBytes() - before) / 10_000;
      assertEquals(0, perOperation, "bytes per operation");
    }
  }

  private static void operate(Communicator world, int count) {
    for (int i = 0; i < count; i++) {
      world.start(BARRIER).await();
      world.run(BARRIER);
    }
  }

  @Test
  void shouldRefuseOtherFiles() throws IOException {
    Files.write(file(), new byte[5000]);
    UserException e = assertThrows(UserException.class, () -> FlightRecording.read(file()));
    assertEquals(file() + ": expected the file of a flight recorder, found another one", e.getMessage());
    assertThrows(UserException.class, () -> FlightRecording.read(temporary.resolve("none")));
  }
}
