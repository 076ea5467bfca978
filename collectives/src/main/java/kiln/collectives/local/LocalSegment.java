package kiln.collectives.local;

import static kiln.collectives.local.LocalSegmentDescriptor.*;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveCall;
import org.agrona.concurrent.UnsafeBuffer;

/** The mapped file of {@link LocalSegmentDescriptor}, with a name for every access. Not to be touched once closed. */
final class LocalSegment implements AutoCloseable {
  private final Arena arena;
  private final MemorySegment memory;
  private final UnsafeBuffer control;
  private final int numRanks;
  private final long sliceBytes;

  private LocalSegment(Arena arena, MemorySegment memory, int numRanks, long sliceBytes) {
    this.arena = arena;
    this.memory = memory;
    this.numRanks = numRanks;
    this.sliceBytes = sliceBytes;
    ByteBuffer head = memory.asSlice(0, controlBytes(numRanks)).asByteBuffer().order(ByteOrder.nativeOrder());
    this.control = new UnsafeBuffer(head);
  }

  /**
   * Creates the file aside, with all its blocks (a hole that cannot be filled later would kill the process), and renames it.
   *
   * @throws UserException if there is no room or no right
   */
  static LocalSegment create(Path file, int numRanks, long sliceBytes) {
    Path aside = file.resolveSibling(file.getFileName() + ".new");
    long bytes = totalBytes(numRanks, sliceBytes);
    try {
      Files.deleteIfExists(aside);
      try (FileChannel channel =
          FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        writeZeros(channel, bytes);
        LocalSegment segment = map(channel, numRanks, sliceBytes);
        ProcessIdentity creator = ProcessIdentity.current();
        segment.control.putInt(VERSION_OFFSET, VERSION);
        segment.control.putInt(NUM_RANKS_OFFSET, numRanks);
        segment.control.putLong(SLICE_BYTES_OFFSET, sliceBytes);
        segment.control.putLong(CREATOR_PID_OFFSET, creator.pid());
        segment.control.putLong(CREATOR_START_OFFSET, creator.startTime());
        segment.control.putLongVolatile(MAGIC_OFFSET, MAGIC);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        return segment;
      } catch (IOException e) {
        Files.deleteIfExists(aside);
        throw e;
      }
    } catch (IOException e) {
      throw new UserException(
          "cannot create %s (%d bytes, memory that ranks share): %s".formatted(file, bytes, e.getMessage()), e);
    }
  }

  /**
   * Opens the file if it is there and the process that created it lives.
   *
   * @throws UserException if it was made by another version or for another number of ranks
   */
  static Optional<LocalSegment> open(Path file, int numRanks, long sliceBytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() < controlBytes(1)) {
        throw new UserException(file + ": expected memory that ranks share, found a file of " + channel.size() + " bytes");
      }
      ByteBuffer head = ByteBuffer.allocate(RANKS_OFFSET).order(ByteOrder.nativeOrder());
      while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {}
      if (head.getLong(MAGIC_OFFSET) != MAGIC || head.getInt(VERSION_OFFSET) != VERSION) {
        throw new UserException(file + ": expected memory that ranks share, version " + VERSION + ", found another file");
      }
      ProcessIdentity creator =
          new ProcessIdentity(head.getLong(CREATOR_PID_OFFSET), head.getLong(CREATOR_START_OFFSET));
      if (!creator.isAlive()) {
        return Optional.empty();
      }
      if (head.getInt(NUM_RANKS_OFFSET) != numRanks || head.getLong(SLICE_BYTES_OFFSET) != sliceBytes) {
        throw new UserException(
            "%s: expected %d ranks and slices of %d bytes, found %d and %d"
                .formatted(
                    file, numRanks, sliceBytes, head.getInt(NUM_RANKS_OFFSET), head.getLong(SLICE_BYTES_OFFSET)));
      }
      return Optional.of(map(channel, numRanks, sliceBytes));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UserException("cannot map " + file + ": " + e.getMessage(), e);
    }
  }

  private static LocalSegment map(FileChannel channel, int numRanks, long sliceBytes) throws IOException {
    Arena arena = Arena.ofShared();
    MemorySegment memory =
        channel.map(FileChannel.MapMode.READ_WRITE, 0, totalBytes(numRanks, sliceBytes), arena);
    return new LocalSegment(arena, memory, numRanks, sliceBytes);
  }

  private static void writeZeros(FileChannel channel, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 16);
    for (long written = 0; written < bytes; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - written));
      written += channel.write(zeros);
    }
  }

  int numRanks() {
    return numRanks;
  }

  long sliceBytes() {
    return sliceBytes;
  }

  /** All of the file, for copies from and to slots. */
  MemorySegment memory() {
    return memory;
  }

  long sliceOffset(int parity, int rank, int owner) {
    return LocalSegmentDescriptor.sliceOffset(numRanks, sliceBytes, parity, rank, owner);
  }

  /**
   * Takes a rank's place.
   *
   * @return false if it is taken
   */
  boolean claim(int rank) {
    ProcessIdentity self = ProcessIdentity.current();
    if (!control.compareAndSetLong(pidOffset(rank), 0, self.pid())) {
      return false;
    }
    control.putLong(startTimeOffset(rank), self.startTime());
    control.putIntVolatile(stateOffset(rank), STATE_JOINED);
    return true;
  }

  /** Of a rank that has joined. */
  ProcessIdentity identity(int rank) {
    return new ProcessIdentity(control.getLong(pidOffset(rank)), control.getLong(startTimeOffset(rank)));
  }

  int state(int rank) {
    return control.getIntVolatile(stateOffset(rank));
  }

  void leave(int rank) {
    control.putIntVolatile(stateOffset(rank), STATE_LEFT);
  }

  long arrivals(int rank) {
    return control.getLongVolatile(arrivalsOffset(rank));
  }

  /** Everything that the rank wrote before is seen by those who see this. */
  void arrive(int rank, long arrivals) {
    control.putLongVolatile(arrivalsOffset(rank), arrivals);
  }

  void publish(int rank, long sequence, Collective collective) {
    CollectiveCall.of(collective).write(control, callOffset(rank, sequence), sequence);
  }

  CollectiveCall call(int rank, long sequence) {
    return CollectiveCall.read(control, callOffset(rank, sequence));
  }

  /** Whether a rank published the very same call as another. */
  boolean sameCall(int rank, int other, long sequence) {
    return CollectiveCall.same(control, callOffset(rank, sequence), callOffset(other, sequence));
  }

  /** Declares a rank lost; the first declaration counts. */
  void fail(int rank, String reason) {
    if (control.compareAndSetLong(FAILURE_OFFSET, 0, 1 + rank)) {
      byte[] text = reason.getBytes(StandardCharsets.UTF_8);
      int length = Math.min(text.length, REASON_CAPACITY);
      control.putBytes(REASON_OFFSET, text, 0, length);
      control.putInt(REASON_LENGTH_OFFSET, length);
      control.putIntVolatile(REASON_READY_OFFSET, 1);
    }
  }

  /** The rank that was declared lost, or -1. */
  int lostRank() {
    return (int) control.getLongVolatile(FAILURE_OFFSET) - 1;
  }

  /** Why. */
  String lostReason() {
    // Whoever declared it may just be writing this, or may have died doing so.
    for (int i = 0; i < 1000 && control.getIntVolatile(REASON_READY_OFFSET) == 0; i++) {
      Thread.yield();
    }
    if (control.getIntVolatile(REASON_READY_OFFSET) == 0) {
      return "no reason given";
    }
    byte[] text = new byte[control.getInt(REASON_LENGTH_OFFSET)];
    control.getBytes(REASON_OFFSET, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    arena.close();
  }
}
