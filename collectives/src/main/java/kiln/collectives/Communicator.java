package kiln.collectives;

import java.lang.foreign.MemorySegment;

/**
 * This rank's membership in a group of ranks that work together. Every rank calls the same operations in the same order with
 * the same counts, types and reductions; operations run one after the other, in that order.
 *
 * <p>Contract of every transport:
 *
 * <ul>
 *   <li>Memory is native. {@code xAsync} returns at once and the operation progresses by itself while this rank computes; its
 *       memory must stay alive, inputs unchanged and outputs unread, until {@link Pending#await} has returned or thrown.
 *   <li>Where a transport takes memory of a device, an operation on it waits for what has been launched there before, and what
 *       {@code await} says holds for what is launched there after; {@link #check} tells the host of failures.
 *   <li>A reduction gives the same bits on every rank.
 *   <li>Ranks that disagree get a {@link MismatchException}, each of them, naming both calls; no memory outside the segments
 *       is touched.
 *   <li>When a rank dies, closes or aborts, every rank that waits for it, now or later, gets a {@link PeerLostException}
 *       that names it, within seconds.
 *   <li>After such an exception the communicator fails at once on every call and can only be closed.
 *   <li>Operations are issued by one thread at a time; {@link #abort} and {@link #close} may be called by any.
 * </ul>
 */
public interface Communicator extends AutoCloseable {
  /** This rank, from 0. */
  int rank();

  /** Number of ranks. */
  int size();

  /** Issues an operation, in the background. */
  Pending start(Collective collective);

  /**
   * Issues an operation that begins when {@code earlier} has ended, which may be of another communicator.
   *
   * @throws CollectiveException if the earlier one has failed
   */
  default Pending startAfter(Pending earlier, Collective collective) {
    earlier.await();
    return start(collective);
  }

  /**
   * To be called when a device has been waited for and what it computed is about to be used: an operation on its memory that has
   * failed has left there what nobody knows.
   *
   * @throws CollectiveException if an operation has failed that {@link Pending#await} did not wait for
   */
  default void check() {}

  /** Issues an operation and waits for it, and so for all issued before. */
  default void run(Collective collective) {
    start(collective).await();
  }

  /**
   * Collective: the ranks that give the same {@code color} form a communicator of their own, in the order of their ranks here.
   * It is independent of this one: either may be closed first.
   */
  Communicator split(int color);

  /** Tells every other rank that this one cannot go on, and why: their operations fail with that reason. Returns at once. */
  void abort(String reason);

  /** Leaves. Operations that have not ended fail, here and on ranks that wait for this one. */
  @Override
  void close();

  /** output[i] = reduction of input[i] over all ranks. {@code input} and {@code output} may be the same. */
  default void allReduce(MemorySegment input, MemorySegment output, long count, ElementType type, Reduction reduction) {
    run(new Collective.AllReduce(input, output, count, type, reduction));
  }

  default Pending allReduceAsync(
      MemorySegment input, MemorySegment output, long count, ElementType type, Reduction reduction) {
    return start(new Collective.AllReduce(input, output, count, type, reduction));
  }

  /** The same in place, over all of {@code data}. */
  default void allReduce(MemorySegment data, ElementType type, Reduction reduction) {
    allReduce(data, data, data.byteSize() / type.bytes(), type, reduction);
  }

  default Pending allReduceAsync(MemorySegment data, ElementType type, Reduction reduction) {
    return allReduceAsync(data, data, data.byteSize() / type.bytes(), type, reduction);
  }

  /**
   * output = this rank's {@link Shard} of the reduction of input[0 … count) over all ranks. {@code output} may be that part of
   * the input.
   */
  default void reduceScatter(MemorySegment input, MemorySegment output, long count, ElementType type, Reduction reduction) {
    run(new Collective.ReduceScatter(input, output, count, type, reduction));
  }

  default Pending reduceScatterAsync(
      MemorySegment input, MemorySegment output, long count, ElementType type, Reduction reduction) {
    return start(new Collective.ReduceScatter(input, output, count, type, reduction));
  }

  /**
   * output[0 … count) = the inputs of all ranks in their order, each of them the rank's {@link Shard} of count elements.
   * {@code input} may be that part of the output.
   */
  default void allGather(MemorySegment input, MemorySegment output, long count, ElementType type) {
    run(new Collective.AllGather(input, output, count, type));
  }

  default Pending allGatherAsync(MemorySegment input, MemorySegment output, long count, ElementType type) {
    return start(new Collective.AllGather(input, output, count, type));
  }

  /** data[0 … count) = that of rank {@code root}. */
  default void broadcast(MemorySegment data, long count, ElementType type, int root) {
    run(new Collective.Broadcast(data, count, type, root));
  }

  default Pending broadcastAsync(MemorySegment data, long count, ElementType type, int root) {
    return start(new Collective.Broadcast(data, count, type, root));
  }

  /** Returns when all ranks have called it. */
  default void barrier() {
    run(new Collective.Barrier());
  }

  default Pending barrierAsync() {
    return start(new Collective.Barrier());
  }
}
