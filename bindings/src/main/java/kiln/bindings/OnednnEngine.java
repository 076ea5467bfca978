package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * oneDNN's CPU engine with one in-order stream. Whoever opens it closes it, after everything made with it.
 *
 * <p>Primitives run on the OpenMP threads of the calling thread, {@link NativeLibraries#numThreads}; OMP_NUM_THREADS sets how
 * many there are.
 */
public final class OnednnEngine implements AutoCloseable {
  private final MemorySegment engine;
  private final MemorySegment stream;
  private final OnednnAttributes attributes;

  /**
   * @throws NativeException if oneDNN does not run on this processor
   */
  public OnednnEngine() {
    attributes = new OnednnAttributes(1);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      Onednn.check("dnnl_engine_create", (int) OnednnFunctions.ENGINE_CREATE.invokeExact(result, Onednn.CPU, 0L));
      engine = result.get(ADDRESS, 0);
      Onednn.check(
          "dnnl_stream_create",
          (int) OnednnFunctions.STREAM_CREATE.invokeExact(result, engine, Onednn.STREAM_IN_ORDER));
      stream = result.get(ADDRESS, 0);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  MemorySegment handle() {
    return engine;
  }

  MemorySegment stream() {
    return stream;
  }

  /** The attributes of primitives that need no others. */
  OnednnAttributes attributes() {
    return attributes;
  }

  @Override
  public void close() {
    attributes.close();
    try {
      Onednn.check("dnnl_stream_destroy", (int) OnednnFunctions.STREAM_DESTROY.invokeExact(stream));
      Onednn.check("dnnl_engine_destroy", (int) OnednnFunctions.ENGINE_DESTROY.invokeExact(engine));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
