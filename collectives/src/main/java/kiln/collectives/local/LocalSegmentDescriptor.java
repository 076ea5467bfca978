package kiln.collectives.local;

import org.agrona.BitUtil;

/**
 * Layout of the file through which the ranks of one machine work together. Native byte order; every field is written by one
 * rank only, except the failure word, which goes from 0 to its value once, by compare-and-set.
 *
 * <pre>
 *      0 +--------------------------------------------------------------------+
 *        | magic (int64), written last by rank 0: the file is ready           |
 *      8 | version (int32)                  | numRanks (int32)                |
 *     16 | slice bytes (int64)                                                |
 *     24 | creator's process id (int64)     | creator's start time (int64)    |
 *     64 +--------------------------------------------------------------------+
 *        | failure word (int64): 0, or 1 + the rank that is lost              |
 *     72 | reason ready (int32): 0 or 1     | reason bytes (int32)            |
 *     80 | reason, UTF-8                                                      |
 *    512 +--------------------------------------------------------------------+  one of these per rank, 512 bytes
 *        | arrivals (int64): barriers that the rank has come to               |
 *   +128 | process id (int64)               | start time (int64)              |
 *   +144 | state (int32): absent, joined, left                                |
 *   +256 | call of even sequence numbers, a CollectiveCall                    |
 *   +384 | call of odd sequence numbers, the same                             |
 *        +--------------------------------------------------------------------+  page boundary
 *        | even chunks: slot of rank 0: | slice 0 | slice 1 | … one per rank  |
 *        |              slot of rank 1: | slice 0 | slice 1 | …               |
 *        | odd chunks:  slot of rank 0 …                                      |
 *        +--------------------------------------------------------------------+
 * </pre>
 */
final class LocalSegmentDescriptor {
  static final long MAGIC = 0x314c41434f4c4e4bL; // "KNLOCAL1" in memory order of little endian
  static final int VERSION = 2;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int NUM_RANKS_OFFSET = 12;
  static final int SLICE_BYTES_OFFSET = 16;
  static final int CREATOR_PID_OFFSET = 24;
  static final int CREATOR_START_OFFSET = 32;

  static final int FAILURE_OFFSET = 64;
  static final int REASON_READY_OFFSET = 72;
  static final int REASON_LENGTH_OFFSET = 76;
  static final int REASON_OFFSET = 80;
  static final int REASON_CAPACITY = 512 - REASON_OFFSET;

  static final int RANKS_OFFSET = 512;
  static final int RANK_BYTES = 512;

  static final int STATE_ABSENT = 0;
  static final int STATE_JOINED = 1;
  static final int STATE_LEFT = 2;

  private static final int PAGE = 4096;

  private LocalSegmentDescriptor() {}

  static int arrivalsOffset(int rank) {
    return RANKS_OFFSET + rank * RANK_BYTES;
  }

  static int pidOffset(int rank) {
    return RANKS_OFFSET + rank * RANK_BYTES + 128;
  }

  static int startTimeOffset(int rank) {
    return pidOffset(rank) + 8;
  }

  static int stateOffset(int rank) {
    return pidOffset(rank) + 16;
  }

  static int callOffset(int rank, long sequence) {
    return RANKS_OFFSET + rank * RANK_BYTES + 256 + (int) (sequence & 1) * 128;
  }

  static int controlBytes(int numRanks) {
    return BitUtil.align(RANKS_OFFSET + numRanks * RANK_BYTES, PAGE);
  }

  static long slotBytes(int numRanks, long sliceBytes) {
    return numRanks * sliceBytes;
  }

  static long totalBytes(int numRanks, long sliceBytes) {
    return controlBytes(numRanks) + 2 * numRanks * slotBytes(numRanks, sliceBytes);
  }

  /** Where in the file the slice is that {@code owner} has in {@code rank}'s slot for chunks of that parity. */
  static long sliceOffset(int numRanks, long sliceBytes, int parity, int rank, int owner) {
    return controlBytes(numRanks) + ((long) (parity * numRanks + rank) * numRanks + owner) * sliceBytes;
  }
}
