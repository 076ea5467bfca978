package kiln.collectives;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What ranks compare before any of them uses what another wrote: all of a {@link Collective} that they must agree on.
 *
 * <pre>
 *    0 +-------------------------------------+-------------------------------------+
 *      | sequence (int64)                    | count (int64)                       |
 *   16 | operation (int32) | type (int32)    | reduction (int32) | root (int32)    |
 *   32 +-------------------------------------+-------------------------------------+   native byte order
 * </pre>
 *
 * @param operation index of its name
 * @param reduction ordinal of {@link Reduction}, or -1
 * @param root rank, or -1
 */
public record CollectiveCall(int operation, long count, ElementType type, int reduction, int root) {
  /** Size of what {@link #write} writes. */
  public static final int BYTES = 32;

  private static final int SEQUENCE = 0;
  private static final int COUNT = 8;
  private static final int OPERATION = 16;
  private static final int TYPE = 20;
  private static final int REDUCTION = 24;
  private static final int ROOT = 28;

  private static final String[] OPERATIONS = {"allReduce", "reduceScatter", "allGather", "broadcast", "barrier"};
  private static final int BARRIER = 4;
  private static final ElementType[] TYPES = ElementType.values();

  public static CollectiveCall of(Collective collective) {
    return switch (collective) {
      case Collective.AllReduce c -> new CollectiveCall(0, c.count(), c.type(), c.reduction().ordinal(), -1);
      case Collective.ReduceScatter c -> new CollectiveCall(1, c.count(), c.type(), c.reduction().ordinal(), -1);
      case Collective.AllGather c -> new CollectiveCall(2, c.count(), c.type(), -1, -1);
      case Collective.Broadcast c -> new CollectiveCall(3, c.count(), c.type(), -1, c.root());
      case Collective.Barrier c -> new CollectiveCall(BARRIER, c.count(), c.type(), -1, -1);
    };
  }

  /**
   * @param sequence how many operations came before that on the communicator
   */
  public void write(MutableDirectBuffer buffer, int offset, long sequence) {
    buffer.putLong(offset + SEQUENCE, sequence);
    buffer.putLong(offset + COUNT, count);
    buffer.putInt(offset + OPERATION, operation);
    buffer.putInt(offset + TYPE, type.ordinal());
    buffer.putInt(offset + REDUCTION, reduction);
    buffer.putInt(offset + ROOT, root);
  }

  public static CollectiveCall read(DirectBuffer buffer, int offset) {
    return new CollectiveCall(
        buffer.getInt(offset + OPERATION),
        buffer.getLong(offset + COUNT),
        TYPES[buffer.getInt(offset + TYPE)],
        buffer.getInt(offset + REDUCTION),
        buffer.getInt(offset + ROOT));
  }

  /** Whether two are the very same, sequence included. */
  public static boolean same(DirectBuffer buffer, int offset, int otherOffset) {
    return buffer.getLong(offset + SEQUENCE) == buffer.getLong(otherOffset + SEQUENCE)
        && buffer.getLong(offset + COUNT) == buffer.getLong(otherOffset + COUNT)
        && buffer.getLong(offset + OPERATION) == buffer.getLong(otherOffset + OPERATION) // and the type
        && buffer.getLong(offset + REDUCTION) == buffer.getLong(otherOffset + REDUCTION); // and the root
  }

  /** As in {@code allReduce(F32, count=10, SUM)}. */
  @Override
  public String toString() {
    if (operation == BARRIER) {
      return "barrier()";
    }
    String extra = reduction >= 0 ? ", " + Reduction.values()[reduction] : root >= 0 ? ", root=" + root : "";
    return OPERATIONS[operation] + "(" + type + ", count=" + count + extra + ")";
  }
}
