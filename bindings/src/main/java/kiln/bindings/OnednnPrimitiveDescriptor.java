package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A computation for which oneDNN has chosen an implementation. Whoever makes one closes it; primitives outlive it. */
public final class OnednnPrimitiveDescriptor implements AutoCloseable {
  /**
   * A convolution's window, in oneDNN's terms: two entries each, for height and width; {@code dilates} is 0 for a dense window.
   */
  public record Window(long[] strides, long[] dilates, long[] paddingBefore, long[] paddingAfter) {}

  private final OnednnEngine engine;
  private final MemorySegment descriptor;

  OnednnPrimitiveDescriptor(OnednnEngine engine, MemorySegment descriptor) {
    this.engine = engine;
    this.descriptor = descriptor;
  }

  /**
   * dst = src ∗ weights + bias. Weights are [out, in, kh, kw], or [groups, out/groups, in/groups, kh, kw].
   *
   * @param bias [out], or null
   * @throws NativeException if the extents do not fit
   */
  public static OnednnPrimitiveDescriptor convolutionForward(
      OnednnEngine engine,
      OnednnMemoryDescriptor src,
      OnednnMemoryDescriptor weights,
      OnednnMemoryDescriptor bias,
      OnednnMemoryDescriptor dst,
      Window window) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.CONVOLUTION_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
                  result,
                  engine.handle(),
                  Onednn.FORWARD_TRAINING,
                  Onednn.CONVOLUTION_DIRECT,
                  src.handle(),
                  weights.handle(),
                  handleOrNull(bias),
                  dst.handle(),
                  Onednn.dims(call, window.strides),
                  Onednn.dims(call, window.dilates),
                  Onednn.dims(call, window.paddingBefore),
                  Onednn.dims(call, window.paddingAfter),
                  engine.attributes().handle());
      Onednn.check("dnnl_convolution_forward_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** The gradient of a convolution's input. {@code forward} is the convolution, with the same extents. */
  public static OnednnPrimitiveDescriptor convolutionBackwardData(
      OnednnPrimitiveDescriptor forward,
      OnednnMemoryDescriptor diffSrc,
      OnednnMemoryDescriptor weights,
      OnednnMemoryDescriptor diffDst,
      Window window) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.CONVOLUTION_BACKWARD_DATA_PRIMITIVE_DESC_CREATE.invokeExact(
                  result,
                  forward.engine.handle(),
                  Onednn.CONVOLUTION_DIRECT,
                  diffSrc.handle(),
                  weights.handle(),
                  diffDst.handle(),
                  Onednn.dims(call, window.strides),
                  Onednn.dims(call, window.dilates),
                  Onednn.dims(call, window.paddingBefore),
                  Onednn.dims(call, window.paddingAfter),
                  forward.descriptor,
                  forward.engine.attributes().handle());
      Onednn.check("dnnl_convolution_backward_data_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(forward.engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** The gradient of a convolution's weights. {@code forward} is the convolution, with the same extents. */
  public static OnednnPrimitiveDescriptor convolutionBackwardWeights(
      OnednnPrimitiveDescriptor forward,
      OnednnMemoryDescriptor src,
      OnednnMemoryDescriptor diffWeights,
      OnednnMemoryDescriptor diffDst,
      Window window) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.CONVOLUTION_BACKWARD_WEIGHTS_PRIMITIVE_DESC_CREATE.invokeExact(
                  result,
                  forward.engine.handle(),
                  Onednn.CONVOLUTION_DIRECT,
                  src.handle(),
                  diffWeights.handle(),
                  MemorySegment.NULL,
                  diffDst.handle(),
                  Onednn.dims(call, window.strides),
                  Onednn.dims(call, window.dilates),
                  Onednn.dims(call, window.paddingBefore),
                  Onednn.dims(call, window.paddingAfter),
                  forward.descriptor,
                  forward.engine.attributes().handle());
      Onednn.check("dnnl_convolution_backward_weights_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(forward.engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * dst […, m, n] = (src […, m, k] · weights […, k, n] + bias) · scale.
   *
   * @param bias [1, …, n] of the same rank, or null
   * @throws NativeException if the extents do not fit
   */
  public static OnednnPrimitiveDescriptor matmul(
      OnednnEngine engine,
      OnednnMemoryDescriptor src,
      OnednnMemoryDescriptor weights,
      OnednnMemoryDescriptor bias,
      OnednnMemoryDescriptor dst,
      float scale) {
    try (Arena call = Arena.ofConfined();
        OnednnAttributes attributes = new OnednnAttributes(scale)) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.MATMUL_PRIMITIVE_DESC_CREATE.invokeExact(
                  result,
                  engine.handle(),
                  src.handle(),
                  weights.handle(),
                  handleOrNull(bias),
                  dst.handle(),
                  attributes.handle());
      Onednn.check("dnnl_matmul_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** A copy from one layout to another. */
  public static OnednnPrimitiveDescriptor reorder(
      OnednnEngine engine, OnednnMemoryDescriptor from, OnednnMemoryDescriptor to) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.REORDER_PRIMITIVE_DESC_CREATE.invokeExact(
                  result, from.handle(), engine.handle(), to.handle(), engine.handle(), engine.attributes().handle());
      Onednn.check("dnnl_reorder_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  // A method, because a conditional expression would get the type Object in an exact invocation.
  private static MemorySegment handleOrNull(OnednnMemoryDescriptor descriptor) {
    return descriptor == null ? MemorySegment.NULL : descriptor.handle();
  }

  OnednnEngine engine() {
    return engine;
  }

  MemorySegment handle() {
    return descriptor;
  }

  /** The layout that was given or chosen for an argument, such as {@link Onednn#ARG_WEIGHTS}. */
  public OnednnMemoryDescriptor argument(int argument) {
    try {
      MemorySegment found =
          (MemorySegment)
              OnednnFunctions.PRIMITIVE_DESC_QUERY_MD.invokeExact(descriptor, Onednn.QUERY_EXEC_ARG_MD, argument);
      if (found.address() == 0) {
        throw new IllegalArgumentException(implementation() + " has no argument " + argument);
      }
      return OnednnMemoryDescriptor.copyOf(found);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Bytes that {@link Onednn#ARG_SCRATCHPAD} needs; if 0, the primitive does not have that argument. */
  public long scratchBytes() {
    try (OnednnMemoryDescriptor scratch = argument(Onednn.ARG_SCRATCHPAD)) {
      return scratch.bytes();
    }
  }

  /** The name of the chosen implementation, as in {@code brgconv:avx512_core}. */
  public String implementation() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int) OnednnFunctions.PRIMITIVE_DESC_QUERY.invokeExact(descriptor, Onednn.QUERY_IMPL_INFO_STR, 0, result);
      Onednn.check("dnnl_primitive_desc_query", status);
      return Onednn.text(result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  @Override
  public void close() {
    try {
      int status = (int) OnednnFunctions.PRIMITIVE_DESC_DESTROY.invokeExact(descriptor);
      Onednn.check("dnnl_primitive_desc_destroy", status);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
