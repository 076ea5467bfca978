package kiln.launcher.transport;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;

/** What joined ranks tell each other before they train: short texts, and whether all of them can. All methods are collective. */
public final class Consensus {
  private final Communicator world;

  public Consensus(Communicator world) {
    this.world = world;
  }

  /**
   * Does {@code work} on this rank; returns when all ranks have done theirs.
   *
   * @throws RefusedException if {@code work} throws a {@link UserException} on some rank, with the message of the lowest
   */
  public <T> T together(Supplier<T> work) {
    T result = null;
    String refusal = null;
    try {
      result = work.get();
    } catch (UserException e) {
      refusal = e.getMessage();
    }
    int first = reduce(refusal == null ? world.size() : world.rank(), Reduction.MIN);
    if (first == world.size()) {
      return result;
    }
    int refusals = reduce(refusal == null ? 0 : 1, Reduction.SUM);
    String line = broadcast(refusal, first);
    // What is the same on all ranks, as an option, is no matter of one of them.
    throw new RefusedException(refusals == world.size() || first == 0 ? line : "rank " + first + ": " + line);
  }

  /** As {@link #together}, on rank 0 alone; all ranks return its result. */
  public String first(Supplier<String> work) {
    String mine = together(() -> world.rank() == 0 ? work.get() : null);
    return broadcast(mine, 0);
  }

  /** The texts of all ranks, by rank. */
  public List<String> all(String text) {
    return IntStream.range(0, world.size()).mapToObj(root -> broadcast(text, root)).toList();
  }

  /**
   * @param text of rank {@code root}; ignored on others
   */
  private String broadcast(String text, int root) {
    byte[] bytes = world.rank() == root ? text.getBytes(StandardCharsets.UTF_8) : new byte[0];
    int length = reduce(bytes.length, Reduction.MAX);
    int words = Math.ceilDiv(length, Integer.BYTES);
    try (Arena call = Arena.ofShared()) {
      MemorySegment data = call.allocate(JAVA_INT, words);
      MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 0, bytes.length);
      world.broadcast(data, words, ElementType.I32, root);
      return new String(data.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }
  }

  private int reduce(int value, Reduction reduction) {
    try (Arena call = Arena.ofShared()) {
      MemorySegment data = call.allocate(JAVA_INT);
      data.set(JAVA_INT, 0, value);
      world.allReduce(data, ElementType.I32, reduction);
      return data.get(JAVA_INT, 0);
    }
  }
}
