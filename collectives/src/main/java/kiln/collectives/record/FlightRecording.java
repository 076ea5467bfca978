package kiln.collectives.record;

import static kiln.collectives.record.FlightRecordDescriptor.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kiln.bindings.UserException;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;

/**
 * What a flight recorder's file says, whether its process still runs or was killed.
 *
 * @param rank of the process that wrote it
 * @param size number of ranks
 * @param process its number
 * @param created when it began to write
 * @param count how many collectives it has issued in all
 * @param collectives the last ones, from the oldest to the newest
 */
public record FlightRecording(
    int rank, int size, long process, Instant created, long count, List<RecordedCollective> collectives) {
  private static final int MAX_FILE_BYTES = 64 << 20;

  /**
   * @throws UserException if that is no flight recorder's file
   */
  public static FlightRecording read(Path file) {
    ByteBuffer bytes;
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new UserException(file + ": expected the file of a flight recorder, found " + Files.size(file) + " bytes");
      }
      bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    if (bytes.capacity() < RECORDS_OFFSET || bytes.getLong(MAGIC_OFFSET) != MAGIC) {
      throw new UserException(file + ": expected the file of a flight recorder, found another one");
    }
    int capacity = bytes.getInt(CAPACITY_OFFSET);
    int numLanes = bytes.getInt(NUM_LANES_OFFSET);
    if (capacity < 1 || bytes.capacity() != fileBytes(capacity) || numLanes < 0 || numLanes > MAX_LANES) {
      throw new UserException(
          file + ": damaged (capacity " + capacity + ", " + numLanes + " communicators, " + bytes.capacity() + " bytes)");
    }
    List<String> names = new ArrayList<>();
    for (int lane = 0; lane < numLanes; lane++) {
      int length = Math.clamp(bytes.getInt(laneOffset(lane) + LANE_NAME_BYTES), 0, MAX_NAME_BYTES);
      names.add(new String(bytes.array(), laneOffset(lane) + LANE_NAME, length, StandardCharsets.UTF_8));
    }
    long count = bytes.getLong(COUNT_OFFSET);
    List<RecordedCollective> collectives = new ArrayList<>();
    for (long number = Math.max(0, count - capacity); number < count; number++) {
      int offset = recordOffset(number, capacity);
      if (bytes.getLong(offset + NUMBER) == number + 1) { // else it is just being overwritten
        record(bytes, offset, names).ifPresent(collectives::add);
      }
    }
    return new FlightRecording(
        bytes.getInt(RANK_OFFSET),
        bytes.getInt(SIZE_OFFSET),
        bytes.getLong(PROCESS_OFFSET),
        instant(bytes.getLong(CREATED_OFFSET)),
        count,
        List.copyOf(collectives));
  }

  private static Optional<RecordedCollective> record(ByteBuffer bytes, int offset, List<String> names) {
    int kind = bytes.getInt(offset + OPERATION);
    int lane = bytes.getInt(offset + LANE);
    if (kind < 0 || kind >= OperationKind.values().length || lane < 0 || lane >= names.size()) {
      return Optional.empty();
    }
    return Optional.of(
        new RecordedCollective(
            names.get(lane),
            bytes.getLong(offset + SEQUENCE),
            OperationKind.values()[kind],
            bytes.getLong(offset + BYTES),
            constant(ElementType.values(), bytes.getInt(offset + TYPE)),
            constant(Reduction.values(), bytes.getInt(offset + REDUCTION)),
            instant(bytes.getLong(offset + ISSUED)),
            time(bytes.getLong(offset + BEGUN)),
            time(Math.abs(bytes.getLong(offset + ENDED))),
            bytes.getLong(offset + ENDED) < 0));
  }

  private static <T> Optional<T> constant(T[] all, int ordinal) {
    return ordinal < 0 || ordinal >= all.length ? Optional.empty() : Optional.of(all[ordinal]);
  }

  private static Optional<Instant> time(long nanos) {
    return nanos == 0 ? Optional.empty() : Optional.of(instant(nanos));
  }

  private static Instant instant(long nanos) {
    long second = TimeUnit.SECONDS.toNanos(1);
    return Instant.ofEpochSecond(Math.floorDiv(nanos, second), Math.floorMod(nanos, second));
  }
}
