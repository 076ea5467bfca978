package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.CudaConstants.CU_GRAPH_EXEC_UPDATE_SUCCESS;
import static kiln.bindings.cuda.CudaConstants.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static kiln.bindings.cuda.CudaConstants.GRAPH_UPDATE_RESULT_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.NativeException;

/**
 * Work that was recorded once and is launched as a whole, with next to no cost of the host. Addresses and arguments are those of
 * the recording. Whoever captures one closes it.
 */
public final class CudaGraph implements AutoCloseable {
  private final MemorySegment exec;
  private final long numNodes;

  private CudaGraph(MemorySegment exec, long numNodes) {
    this.exec = exec;
    this.numNodes = numNodes;
  }

  /**
   * Records what {@code work} queues in {@code stream}, and in others that wait for an event of it and that it waits for at the
   * end, instead of doing it. Nothing else may be done with these streams meanwhile, and the host must not wait for them.
   *
   * @throws NativeException if a piece of the work cannot be recorded
   */
  public static CudaGraph capture(CudaStream stream, Runnable work) {
    MemorySegment graph = record(stream, work);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(JAVA_LONG);
      CudaFunctions.GRAPH_GET_NODES.call(graph, MemorySegment.NULL, result);
      long numNodes = result.get(JAVA_LONG, 0);
      CudaFunctions.GRAPH_INSTANTIATE_WITH_FLAGS.call(result, graph, 0L);
      return new CudaGraph(result.get(ADDRESS, 0), numNodes);
    } finally {
      CudaFunctions.GRAPH_DESTROY.call(graph);
    }
  }

  private static MemorySegment record(CudaStream stream, Runnable work) {
    CudaFunctions.STREAM_BEGIN_CAPTURE_V2.call(stream.handle(), CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      try {
        work.run();
      } catch (RuntimeException | Error failure) {
        abandon(stream, result, failure);
        throw failure;
      }
      CudaFunctions.STREAM_END_CAPTURE.call(stream.handle(), result);
      return result.get(ADDRESS, 0);
    }
  }

  /** Ends a capture whose work has failed, so that the stream can be used again. */
  private static void abandon(CudaStream stream, MemorySegment result, Throwable failure) {
    try {
      CudaFunctions.STREAM_END_CAPTURE.call(stream.handle(), result);
      CudaFunctions.GRAPH_DESTROY.call(result.get(ADDRESS, 0));
    } catch (NativeException e) { // as expected, if the failure has made the capture invalid
      failure.addSuppressed(e);
    }
  }

  /** Pieces of work that it was captured with. */
  public long numNodes() {
    return numNodes;
  }

  /**
   * Records again, to launch with other addresses and arguments; the pieces of work must be the same. Cheaper than a new graph.
   *
   * @return whether they were; if not, this graph stays as it was
   */
  public boolean update(CudaStream stream, Runnable work) {
    MemorySegment graph = record(stream, work);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(GRAPH_UPDATE_RESULT_BYTES, Long.BYTES);
      int status = (int) CudaFunctions.GRAPH_EXEC_UPDATE_V2.handle().invokeExact(exec, graph, result);
      if (result.get(JAVA_INT, 0) != CU_GRAPH_EXEC_UPDATE_SUCCESS) {
        return false;
      }
      CudaFunctions.GRAPH_EXEC_UPDATE_V2.check(status);
      return true;
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    } finally {
      CudaFunctions.GRAPH_DESTROY.call(graph);
    }
  }

  /** Brings what the device needs of it there, so that the first launch takes no longer than the others. */
  public void upload(CudaStream stream) {
    CudaFunctions.GRAPH_UPLOAD.call(exec, stream.handle());
  }

  /** Queues all of it. */
  public void launch(CudaStream stream) {
    try {
      CudaFunctions.GRAPH_LAUNCH.check((int) CudaFunctions.GRAPH_LAUNCH.handle().invokeExact(exec, stream.handle()));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  @Override
  public void close() {
    CudaFunctions.GRAPH_EXEC_DESTROY.call(exec);
  }
}
