package kiln.collectives.local;

import static kiln.collectives.local.LocalSegmentDescriptor.CALL_COUNT;
import static kiln.collectives.local.LocalSegmentDescriptor.CALL_OPERATION;
import static kiln.collectives.local.LocalSegmentDescriptor.CALL_REDUCTION;
import static kiln.collectives.local.LocalSegmentDescriptor.CALL_ROOT;
import static kiln.collectives.local.LocalSegmentDescriptor.CALL_SEQUENCE;
import static kiln.collectives.local.LocalSegmentDescriptor.CALL_TYPE;

import kiln.collectives.Collective;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import org.agrona.concurrent.AtomicBuffer;

/**
 * What ranks compare before any of them uses what another wrote.
 *
 * @param reduction ordinal of {@link Reduction}, or -1
 * @param root rank, or -1
 */
record LocalCall(int operation, long count, ElementType type, int reduction, int root) {
  private static final String[] OPERATIONS = {"allReduce", "reduceScatter", "allGather", "broadcast", "barrier"};

  static LocalCall of(Collective collective) {
    return switch (collective) {
      case Collective.AllReduce c -> new LocalCall(0, c.count(), c.type(), c.reduction().ordinal(), -1);
      case Collective.ReduceScatter c -> new LocalCall(1, c.count(), c.type(), c.reduction().ordinal(), -1);
      case Collective.AllGather c -> new LocalCall(2, c.count(), c.type(), -1, -1);
      case Collective.Broadcast c -> new LocalCall(3, c.count(), c.type(), -1, c.root());
      case Collective.Barrier c -> new LocalCall(4, c.count(), c.type(), -1, -1);
    };
  }

  void write(AtomicBuffer buffer, int offset, long sequence) {
    buffer.putLong(offset + CALL_SEQUENCE, sequence);
    buffer.putLong(offset + CALL_COUNT, count);
    buffer.putInt(offset + CALL_OPERATION, operation);
    buffer.putInt(offset + CALL_TYPE, type.ordinal());
    buffer.putInt(offset + CALL_REDUCTION, reduction);
    buffer.putInt(offset + CALL_ROOT, root);
  }

  static LocalCall read(AtomicBuffer buffer, int offset) {
    return new LocalCall(
        buffer.getInt(offset + CALL_OPERATION),
        buffer.getLong(offset + CALL_COUNT),
        ElementType.values()[buffer.getInt(offset + CALL_TYPE)],
        buffer.getInt(offset + CALL_REDUCTION),
        buffer.getInt(offset + CALL_ROOT));
  }

  static boolean same(AtomicBuffer buffer, int offset, int otherOffset) {
    return buffer.getLong(offset + CALL_SEQUENCE) == buffer.getLong(otherOffset + CALL_SEQUENCE)
        && buffer.getLong(offset + CALL_COUNT) == buffer.getLong(otherOffset + CALL_COUNT)
        && buffer.getInt(offset + CALL_OPERATION) == buffer.getInt(otherOffset + CALL_OPERATION)
        && buffer.getInt(offset + CALL_TYPE) == buffer.getInt(otherOffset + CALL_TYPE)
        && buffer.getInt(offset + CALL_REDUCTION) == buffer.getInt(otherOffset + CALL_REDUCTION)
        && buffer.getInt(offset + CALL_ROOT) == buffer.getInt(otherOffset + CALL_ROOT);
  }

  /** As in {@code allReduce(F32, count=10, SUM)}. */
  @Override
  public String toString() {
    if (OPERATIONS[operation].equals("barrier")) {
      return "barrier()";
    }
    String extra = reduction >= 0 ? ", " + Reduction.values()[reduction] : root >= 0 ? ", root=" + root : "";
    return OPERATIONS[operation] + "(" + type + ", count=" + count + extra + ")";
  }
}
