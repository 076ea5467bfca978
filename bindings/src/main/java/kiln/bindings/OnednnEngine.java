package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * oneDNN's CPU engine with one in-order stream, and the attributes that all of Kiln's primitives have: scratch memory comes from
 * the caller, and results do not change from run to run. Whoever opens it closes it, after everything made with it.
 *
 * <p>Primitives run on the OpenMP threads of the calling thread, {@link NativeLibraries#numThreads}; OMP_NUM_THREADS sets how
 * many there are.
 */
public final class OnednnEngine implements AutoCloseable {
  private final MemorySegment engine;
  private final MemorySegment stream;
  private final MemorySegment attributes;

  /**
   * @throws NativeException if oneDNN does not run on this processor
   */
  public OnednnEngine() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      Onednn.check("dnnl_engine_create", (int) OnednnFunctions.ENGINE_CREATE.invokeExact(result, Onednn.CPU, 0L));
      engine = result.get(ADDRESS, 0);
      Onednn.check(
          "dnnl_stream_create",
          (int) OnednnFunctions.STREAM_CREATE.invokeExact(result, engine, Onednn.STREAM_IN_ORDER));
      stream = result.get(ADDRESS, 0);
      Onednn.check("dnnl_primitive_attr_create", (int) OnednnFunctions.PRIMITIVE_ATTR_CREATE.invokeExact(result));
      attributes = result.get(ADDRESS, 0);
      Onednn.check(
          "dnnl_primitive_attr_set_scratchpad_mode",
          (int) OnednnFunctions.PRIMITIVE_ATTR_SET_SCRATCHPAD_MODE.invokeExact(attributes, Onednn.SCRATCHPAD_MODE_USER));
      Onednn.check(
          "dnnl_primitive_attr_set_deterministic",
          (int) OnednnFunctions.PRIMITIVE_ATTR_SET_DETERMINISTIC.invokeExact(attributes, 1));
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

  MemorySegment attributes() {
    return attributes;
  }

  @Override
  public void close() {
    try {
      Onednn.check("dnnl_primitive_attr_destroy", (int) OnednnFunctions.PRIMITIVE_ATTR_DESTROY.invokeExact(attributes));
      Onednn.check("dnnl_stream_destroy", (int) OnednnFunctions.STREAM_DESTROY.invokeExact(stream));
      Onednn.check("dnnl_engine_destroy", (int) OnednnFunctions.ENGINE_DESTROY.invokeExact(engine));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
