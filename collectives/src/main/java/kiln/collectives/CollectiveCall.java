package kiln.collectives;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What ranks compare before any of them uses what another wrote: all of a {@link Collective} that they must agree on, in so few
 * bytes that it and a small payload pass between two cores in one cache line.
 *
 * <pre>
 *    0 +--------------------------------------------------------------+
 *      | count (int64)                                                |
 *    8 | sequence, its low 32 bits | operation: 4 bits, type: 4 bits, |
 *      |                           | reduction or root: 24 bits       |
 *   16 +---------------------------+----------------------------------+   native byte order
 * </pre>
 *
 * @param operation index of its name
 * @param reduction ordinal of {@link Reduction}, or -1
 * @param root rank, or -1
 */
public record CollectiveCall(int operation, long count, ElementType type, int reduction, int root) {
  /** Size of what {@link #write} writes. */
  public static final int BYTES = 16;

  /** Where a word lies that is never {@link #NO_CALL} in what {@link #write} writes. */
  public static final int WHAT = 12;

  /** Marks what stands where a call is expected and is none. */
  public static final int NO_CALL = -1;

  private static final int COUNT = 0;
  private static final int SEQUENCE = 8;
  private static final int TYPE_SHIFT = 4;
  private static final int PARAMETER_SHIFT = 8;
  private static final int FIELD_MASK = 15;
  private static final int MAX_PARAMETER = (1 << 24) - 2; // -1 is kept as 0

  private static final String[] OPERATIONS = {"allReduce", "reduceScatter", "allGather", "broadcast", "barrier"};
  private static final int BROADCAST = 3;
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
    int parameter = operation == BROADCAST ? root : reduction;
    if (parameter > MAX_PARAMETER) {
      throw new IllegalArgumentException(this + ": expected a root of at most " + MAX_PARAMETER);
    }
    buffer.putLong(offset + COUNT, count);
    buffer.putInt(offset + SEQUENCE, (int) sequence);
    buffer.putInt(offset + WHAT, operation | type.ordinal() << TYPE_SHIFT | parameter + 1 << PARAMETER_SHIFT);
  }

  public static CollectiveCall read(DirectBuffer buffer, int offset) {
    int what = buffer.getInt(offset + WHAT);
    int operation = what & FIELD_MASK;
    int parameter = (what >>> PARAMETER_SHIFT) - 1;
    return new CollectiveCall(
        operation,
        buffer.getLong(offset + COUNT),
        TYPES[what >>> TYPE_SHIFT & FIELD_MASK],
        operation == BROADCAST ? -1 : parameter,
        operation == BROADCAST ? parameter : -1);
  }

  /** Whether two are the very same, sequence included. */
  public static boolean same(DirectBuffer buffer, int offset, int otherOffset) {
    return buffer.getLong(offset + COUNT) == buffer.getLong(otherOffset + COUNT)
        && buffer.getLong(offset + SEQUENCE) == buffer.getLong(otherOffset + SEQUENCE); // and all the rest
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
