package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.NcclConstants.IN_PROGRESS;
import static kiln.bindings.cuda.NcclConstants.SUCCESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import kiln.bindings.NativeException;

/**
 * This rank's membership in a group of ranks of NCCL's, each with a device of its own. No call waits for other ranks for longer
 * than a given time: NCCL works in the background (its non-blocking mode), and what it reports there later is {@link
 * #asyncError}. Operations are issued by one thread at a time, in the same order on every rank; {@link #abort} may be called by
 * any.
 */
public final class NcclCommunicator implements AutoCloseable {
  private static final long POLL_MILLISECONDS = 1;

  private final MemorySegment communicator;
  private volatile Duration patience;
  private boolean gone;

  private NcclCommunicator(MemorySegment communicator, Duration patience) {
    this.communicator = communicator;
    this.patience = patience;
  }

  /**
   * Joins, on the current device. Collective.
   *
   * @param id the same on every rank
   * @param patience how long to wait for the other ranks, here and in every later call
   * @throws NativeException if it fails, or not all ranks have come in time
   * @throws kiln.bindings.UserException if there is no NCCL
   */
  public static NcclCommunicator join(NcclId id, int rank, int size, Duration patience) {
    CudaLibraries.require(CudaLibrary.NCCL);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = pointer();
      int status =
          (int)
              NcclFunctions.COMM_INIT_RANK_CONFIG.handle()
                  .invokeExact(result, size, id.in(call), rank, NcclConfiguration.nonBlocking(call));
      return made(NcclFunctions.COMM_INIT_RANK_CONFIG, status, result, patience);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** From now on calls wait so long for other ranks: for who knows by other means that they are there. */
  public void setPatience(Duration duration) {
    patience = duration;
  }

  /**
   * Collective: the ranks that give the same {@code color}, 0 or more, form a communicator of their own, in the order of {@code
   * key}.
   */
  public NcclCommunicator split(int color, int key) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = pointer();
      operate(NcclFunctions.COMM_SPLIT, communicator, color, key, result, NcclConfiguration.nonBlocking(call));
      return made(NcclFunctions.COMM_SPLIT, SUCCESS, result, patience);
    }
  }

  /** Room for a communicator. NCCL may write there after a call that has failed, so it is never given back. */
  private static MemorySegment pointer() {
    return Arena.global().allocate(ADDRESS);
  }

  private static NcclCommunicator made(CudaFunction function, int status, MemorySegment result, Duration patience) {
    if (status != SUCCESS && status != IN_PROGRESS) {
      function.check(status);
    }
    NcclCommunicator made = new NcclCommunicator(result.get(ADDRESS, 0), patience);
    try {
      made.settle(function, status);
      return made;
    } catch (RuntimeException e) {
      try {
        made.abort();
      } catch (NativeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** Waits until NCCL has taken a call that it has begun with in the background. */
  private void settle(CudaFunction function, int status) {
    long deadline = System.nanoTime() + patience.toNanos();
    int now = status;
    while (now == IN_PROGRESS) {
      if (System.nanoTime() - deadline > 0) {
        throw function.failure(IN_PROGRESS, "no answer of the other ranks in " + patience.toMillis() + " ms");
      }
      try {
        Thread.sleep(POLL_MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw function.failure(IN_PROGRESS, "interrupted");
      }
      now = asyncStatus();
    }
    function.check(now);
  }

  private synchronized int asyncStatus() {
    requireHere();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(JAVA_INT);
      NcclFunctions.COMM_GET_ASYNC_ERROR.check(
          (int) NcclFunctions.COMM_GET_ASYNC_ERROR.handle().invokeExact(communicator, result));
      return result.get(JAVA_INT, 0);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * What has gone wrong in the background, such as a peer that is gone; empty if nothing has. After that only {@link #abort} is
   * left.
   */
  public Optional<String> asyncError() {
    int status = asyncStatus();
    return status == SUCCESS || status == IN_PROGRESS
        ? Optional.empty()
        : Optional.of(CudaStatus.text(CudaLibrary.NCCL, status));
  }

  public int rank() {
    return number(NcclFunctions.COMM_USER_RANK);
  }

  public int size() {
    return number(NcclFunctions.COMM_COUNT);
  }

  /** The index of this rank's device in its process. */
  public int device() {
    return number(NcclFunctions.COMM_CU_DEVICE);
  }

  private synchronized int number(CudaFunction function) {
    requireHere();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(JAVA_INT);
      function.call(communicator, result);
      return result.get(JAVA_INT, 0);
    }
  }

  /** output[i] = the reduction of every rank's input[i]; they may be the same. */
  public void allReduce(
      DeviceMemory input, DeviceMemory output, NcclType type, NcclReduction reduction, CudaStream stream) {
    long count = count(input, output, 1, type);
    operate(
        NcclFunctions.ALL_REDUCE,
        input.pointer(), output.pointer(), count, type.code(), reduction.code(), communicator, stream.handle());
  }

  /** On rank {@code root}: output[i] = the reduction of every rank's input[i]; they may be the same. Others write no output. */
  public void reduce(
      DeviceMemory input, DeviceMemory output, NcclType type, NcclReduction reduction, int root, CudaStream stream) {
    long count = count(input, output, 1, type);
    operate(
        NcclFunctions.REDUCE,
        input.pointer(), output.pointer(), count, type.code(), reduction.code(), root, communicator, stream.handle());
  }

  /**
   * output = this rank's part of the reduction: input is as many times as long as there are ranks. Output may be that part of
   * input.
   */
  public void reduceScatter(
      DeviceMemory input, DeviceMemory output, NcclType type, NcclReduction reduction, CudaStream stream) {
    long count = count(output, input, size(), type);
    operate(
        NcclFunctions.REDUCE_SCATTER,
        input.pointer(), output.pointer(), count, type.code(), reduction.code(), communicator, stream.handle());
  }

  /** output = the inputs of all ranks in their order; input may be this rank's part of it. */
  public void allGather(DeviceMemory input, DeviceMemory output, NcclType type, CudaStream stream) {
    long count = count(input, output, size(), type);
    operate(
        NcclFunctions.ALL_GATHER,
        input.pointer(), output.pointer(), count, type.code(), communicator, stream.handle());
  }

  /** data = that of rank {@code root}. */
  public void broadcast(DeviceMemory data, NcclType type, int root, CudaStream stream) {
    long count = count(data, data, 1, type);
    operate(
        NcclFunctions.BROADCAST,
        data.pointer(), data.pointer(), count, type.code(), root, communicator, stream.handle());
  }

  /** Sends to rank {@code peer}, which receives as much; both in one {@link #group} if the peer sends too. */
  public void send(DeviceMemory data, NcclType type, int peer, CudaStream stream) {
    long count = count(data, data, 1, type);
    operate(NcclFunctions.SEND, data.pointer(), count, type.code(), peer, communicator, stream.handle());
  }

  /** Receives from rank {@code peer} what it sends. */
  public void receive(DeviceMemory data, NcclType type, int peer, CudaStream stream) {
    long count = count(data, data, 1, type);
    operate(NcclFunctions.RECV, data.pointer(), count, type.code(), peer, communicator, stream.handle());
  }

  /** Calls, and waits until NCCL has taken the call. Collectives are few and large, so their arguments may be boxed. */
  private void operate(CudaFunction function, Object... arguments) {
    int status;
    synchronized (this) {
      requireHere();
      try {
        status = (int) function.handle().invokeWithArguments(arguments);
      } catch (Throwable thrown) {
        throw unexpected(thrown);
      }
    }
    settle(function, status);
  }

  /** Operations on this communicator that start as one. */
  public void group(Runnable operations) {
    NcclFunctions.GROUP_START.call();
    try {
      operations.run();
    } finally {
      operate(NcclFunctions.GROUP_END);
    }
  }

  /** Elements of {@code one}, if {@code all} has {@code times} as many. */
  private static long count(DeviceMemory one, DeviceMemory all, long times, NcclType type) {
    if (one.byteSize() % type.bytes() != 0 || one.byteSize() * times != all.byteSize()) {
      throw new IllegalArgumentException(
          "found " + one + " and " + all + ", expected " + times + " times as many, and whole elements of " + type);
    }
    return one.byteSize() / type.bytes();
  }

  // NCCL frees what an aborted communicator has: who calls it holds this object's lock, and has seen that it is there.
  private void requireHere() {
    if (gone) {
      throw new IllegalStateException("the communicator was closed or aborted");
    }
  }

  /**
   * Ends all operations of this rank at once, whether done or not, and leaves. Other ranks have to do the same; until they do, this
   * may not return. All other calls fail from its beginning on.
   */
  public void abort() {
    synchronized (this) {
      if (gone) {
        return;
      }
      gone = true;
    }
    NcclFunctions.COMM_ABORT.call(communicator); // without the lock: who waits for it would wait for the other ranks
  }

  /** Leaves when all operations are done. Collective. If other ranks do not leave too, in time, it aborts and throws. */
  @Override
  public void close() {
    synchronized (this) {
      if (gone) {
        return;
      }
    }
    try {
      operate(NcclFunctions.COMM_FINALIZE, communicator);
    } catch (RuntimeException e) {
      abort();
      throw e;
    }
    synchronized (this) {
      if (gone) {
        return;
      }
      gone = true;
    }
    NcclFunctions.COMM_DESTROY.call(communicator);
  }
}
