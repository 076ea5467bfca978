package kiln.collectives.record;

/**
 * The bytes of a flight recorder's file. All numbers are little-endian, times are nanoseconds since 1970 in UTC.
 *
 * <pre>
 *      0 | magic "KILNREC1"            i64 | number of records so far       i64 |
 *     16 | process                     i64 | when the recorder was made     i64 |
 *     32 | rank  i32 | ranks   i32 | capacity i32 | communicators           i32 | (16 free)
 *     64 | communicator 0: rank in it  i32 | its ranks i32 | bytes of its name i32 | its name, UTF-8, 52 |
 *    128 | communicator 1 …                                                          63 of them at most
 *   4096 | record 0 | record 1 | … | record capacity-1 |         record i overwrites record i - capacity
 *
 *   record, 64 bytes:
 *      0 | 1 + its number over all communicators, written last; 0 while being written    i64 |
 *      8 | sequence number on its communicator   i64 | when it was issued                i64 |
 *     24 | when it was begun   i64 | when it ended, 0 while it is under way, < 0 if it failed i64 |
 *     40 | bytes of the whole  i64 | operation i32 | element type i32 | reduction i32 | communicator i32 |
 * </pre>
 */
final class FlightRecordDescriptor {
  static final long MAGIC = 0x3143_4552_4e4c_494bL; // "KILNREC1"

  static final int MAGIC_OFFSET = 0;
  static final int COUNT_OFFSET = 8;
  static final int PROCESS_OFFSET = 16;
  static final int CREATED_OFFSET = 24;
  static final int RANK_OFFSET = 32;
  static final int SIZE_OFFSET = 36;
  static final int CAPACITY_OFFSET = 40;
  static final int NUM_LANES_OFFSET = 44;

  static final int LANES_OFFSET = 64;
  static final int LANE_BYTES = 64;
  static final int LANE_RANK = 0;
  static final int LANE_SIZE = 4;
  static final int LANE_NAME_BYTES = 8;
  static final int LANE_NAME = 12;
  static final int MAX_NAME_BYTES = LANE_BYTES - LANE_NAME;
  static final int MAX_LANES = 63;

  static final int RECORDS_OFFSET = LANES_OFFSET + MAX_LANES * LANE_BYTES;
  static final int RECORD_BYTES = 64;
  static final int NUMBER = 0;
  static final int SEQUENCE = 8;
  static final int ISSUED = 16;
  static final int BEGUN = 24;
  static final int ENDED = 32;
  static final int BYTES = 40;
  static final int OPERATION = 48;
  static final int TYPE = 52;
  static final int REDUCTION = 56;
  static final int LANE = 60;

  /** An operation without element type or reduction. */
  static final int NONE = -1;

  private FlightRecordDescriptor() {}

  static int laneOffset(int lane) {
    return LANES_OFFSET + lane * LANE_BYTES;
  }

  static int recordOffset(long number, int capacity) {
    return RECORDS_OFFSET + (int) (number % capacity) * RECORD_BYTES;
  }

  static int fileBytes(int capacity) {
    return RECORDS_OFFSET + capacity * RECORD_BYTES;
  }
}
