package kiln.collectives.record;

import static kiln.collectives.record.FlightRecordDescriptor.*;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kiln.bindings.UserException;
import org.agrona.BufferUtil;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What this rank's last collectives were, in a mapped file: it is there after a {@code kill -9}, and other processes may
 * read it while it is written ({@link FlightRecording}). Writing a record is a dozen stores; nothing is allocated.
 *
 * <p>All communicators of the rank share one recorder, each through a lane of its own.
 */
public final class FlightRecorder implements AutoCloseable {
  /** How many collectives are kept. */
  public static final int CAPACITY = 1000;

  private final MappedByteBuffer mapped;
  private final UnsafeBuffer buffer;
  private final int capacity;
  private final long epochNanos; // what System.nanoTime() has to be added to for nanoseconds since 1970
  private final List<Lane> lanes = new ArrayList<>();
  private final AtomicLong waitedNanos = new AtomicLong();
  private long count;
  private boolean closed;

  private FlightRecorder(MappedByteBuffer mapped, int capacity) {
    this.mapped = mapped;
    this.buffer = new UnsafeBuffer(mapped);
    this.capacity = capacity;
    Instant now = Instant.now();
    this.epochNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
  }

  /**
   * Makes a recorder in a new file; one of that name is replaced.
   *
   * @param rank of this process among {@code size}
   * @throws UserException if the file cannot be made
   */
  public static FlightRecorder create(Path file, int rank, int size, int capacity) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.deleteIfExists(file); // readers of the old one keep it
      Files.write(file, new byte[fileBytes(capacity)]); // a full disk shows here, not when a page is written
    } catch (IOException e) {
      throw new UserException(file + ": cannot be written (" + e.getMessage() + ")", e);
    }
    FlightRecorder recorder = new FlightRecorder(IoUtil.mapExistingFile(file.toFile(), "flight recorder"), capacity);
    UnsafeBuffer buffer = recorder.buffer;
    putLong(buffer, PROCESS_OFFSET, ProcessHandle.current().pid());
    putLong(buffer, CREATED_OFFSET, recorder.epoch(System.nanoTime()));
    putInt(buffer, RANK_OFFSET, rank);
    putInt(buffer, SIZE_OFFSET, size);
    putInt(buffer, CAPACITY_OFFSET, capacity);
    buffer.putLongRelease(MAGIC_OFFSET, MAGIC);
    return recorder;
  }

  /**
   * Opens the lane of a communicator.
   *
   * @param name the same on all its ranks; cut if it is long
   * @param rank of this process in it
   * @param size its number of ranks
   */
  synchronized Lane lane(String name, int rank, int size) {
    int index = Math.min(lanes.size(), MAX_LANES - 1);
    Lane lane = new Lane(this, index, name, rank, size);
    lanes.add(lane);
    int offset = laneOffset(index);
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int numBytes = Math.min(bytes.length, MAX_NAME_BYTES);
    putInt(buffer, offset + LANE_RANK, rank);
    putInt(buffer, offset + LANE_SIZE, size);
    putInt(buffer, offset + LANE_NAME_BYTES, numBytes);
    buffer.putBytes(offset + LANE_NAME, bytes, 0, numBytes);
    buffer.putIntRelease(NUM_LANES_OFFSET, index + 1);
    return lane;
  }

  /** How long this rank's threads have waited for collectives to end, since the recorder was made. */
  public long waitedNanos() {
    return waitedNanos.get();
  }

  /** Where each communicator stands now. */
  public synchronized List<LaneState> states() {
    return lanes.stream().map(Lane::state).toList();
  }

  /**
   * For how long the longest collective has been under way, in nanoseconds; empty if none is.
   */
  public synchronized Optional<LaneState> longestUnderWay() {
    Optional<LaneState> longest = Optional.empty();
    for (Lane lane : lanes) {
      LaneState state = lane.state();
      if (state.underWay() && longest.map(l -> l.waitingNanos() < state.waitingNanos()).orElse(true)) {
        longest = Optional.of(state);
      }
    }
    return longest;
  }

  void waited(long nanos) {
    waitedNanos.addAndGet(nanos);
  }

  /** Returns the record's number. */
  synchronized long issue(
      int lane, long sequence, OperationKind kind, long bytes, int type, int reduction, long nanoTime) {
    long number = count++;
    if (closed) {
      return number;
    }
    int offset = recordOffset(number, capacity);
    buffer.putLongRelease(offset + NUMBER, 0);
    putLong(buffer, offset + SEQUENCE, sequence);
    putLong(buffer, offset + ISSUED, epoch(nanoTime));
    putLong(buffer, offset + BEGUN, 0);
    putLong(buffer, offset + ENDED, 0);
    putLong(buffer, offset + BYTES, bytes);
    putInt(buffer, offset + OPERATION, kind.ordinal());
    putInt(buffer, offset + TYPE, type);
    putInt(buffer, offset + REDUCTION, reduction);
    putInt(buffer, offset + LANE, lane);
    buffer.putLongRelease(offset + NUMBER, number + 1);
    buffer.putLongRelease(COUNT_OFFSET, count);
    return number;
  }

  /** Both times are of {@link System#nanoTime}. */
  synchronized void end(long number, long begun, long ended) {
    int offset = recordOffset(number, capacity);
    if (!closed && buffer.getLong(offset + NUMBER, ByteOrder.LITTLE_ENDIAN) == number + 1) { // not overwritten since
      putLong(buffer, offset + BEGUN, epoch(begun));
      buffer.putLongRelease(offset + ENDED, epoch(ended));
    }
  }

  /** It has ended, and threw. */
  synchronized void fail(long number) {
    int offset = recordOffset(number, capacity);
    if (!closed && buffer.getLong(offset + NUMBER, ByteOrder.LITTLE_ENDIAN) == number + 1) {
      long ended = buffer.getLong(offset + ENDED, ByteOrder.LITTLE_ENDIAN);
      buffer.putLongRelease(offset + ENDED, -Math.abs(ended));
    }
  }

  private long epoch(long nanoTime) {
    return epochNanos + nanoTime;
  }

  private static void putLong(UnsafeBuffer buffer, int offset, long value) {
    buffer.putLong(offset, value, ByteOrder.LITTLE_ENDIAN);
  }

  private static void putInt(UnsafeBuffer buffer, int offset, int value) {
    buffer.putInt(offset, value, ByteOrder.LITTLE_ENDIAN);
  }

  /** Unmaps the file, which stays. Collectives that are issued afterwards are not recorded. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      BufferUtil.free(mapped);
    }
  }
}
