package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Primitives of oneDNN that at best run as fast as memory. Kiln has kernels of its own for what they do, which fuse more and give
 * the same bits for any number of threads; benchmarks compare the two.
 */
public final class OnednnMemoryBound {
  private OnednnMemoryBound() {}

  /** dst = src·sigmoid(src). */
  public static OnednnPrimitiveDescriptor silu(OnednnEngine engine, OnednnMemoryDescriptor src, OnednnMemoryDescriptor dst) {
    return elementwise(engine, Onednn.ELTWISE_SWISH, src, dst, 1);
  }

  /** dst = src·Φ(src), with the exact error function. */
  public static OnednnPrimitiveDescriptor gelu(OnednnEngine engine, OnednnMemoryDescriptor src, OnednnMemoryDescriptor dst) {
    return elementwise(engine, Onednn.ELTWISE_GELU_ERF, src, dst, 0);
  }

  private static OnednnPrimitiveDescriptor elementwise(
      OnednnEngine engine, int algorithm, OnednnMemoryDescriptor src, OnednnMemoryDescriptor dst, float alpha) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.ELTWISE_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
                  result, engine.handle(), Onednn.FORWARD_TRAINING, algorithm, src.handle(), dst.handle(), alpha, 0f,
                  engine.attributes().handle());
      Onednn.check("dnnl_eltwise_forward_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** dst = {@link Onednn#ARG_SRC} + {@link Onednn#ARG_SRC_1}. */
  public static OnednnPrimitiveDescriptor add(
      OnednnEngine engine, OnednnMemoryDescriptor a, OnednnMemoryDescriptor b, OnednnMemoryDescriptor dst) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.BINARY_PRIMITIVE_DESC_CREATE.invokeExact(
                  result, engine.handle(), Onednn.BINARY_ADD, a.handle(), b.handle(), dst.handle(),
                  engine.attributes().handle());
      Onednn.check("dnnl_binary_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Softmax over {@code axis}. */
  public static OnednnPrimitiveDescriptor softmax(
      OnednnEngine engine, OnednnMemoryDescriptor src, OnednnMemoryDescriptor dst, int axis) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.SOFTMAX_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
                  result, engine.handle(), Onednn.FORWARD_TRAINING, Onednn.SOFTMAX_ACCURATE, src.handle(), dst.handle(), axis,
                  engine.attributes().handle());
      Onednn.check("dnnl_softmax_forward_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * Layer normalisation over the last axis, with {@link Onednn#ARG_SCALE} and {@link Onednn#ARG_SHIFT}; {@link Onednn#ARG_MEAN}
   * and {@link Onednn#ARG_VARIANCE} are results.
   *
   * @param statistics float32, the axes of {@code src} without the last
   */
  public static OnednnPrimitiveDescriptor layerNorm(
      OnednnEngine engine,
      OnednnMemoryDescriptor src,
      OnednnMemoryDescriptor dst,
      OnednnMemoryDescriptor statistics,
      float epsilon) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.LAYER_NORMALIZATION_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
                  result, engine.handle(), Onednn.FORWARD_TRAINING, src.handle(), dst.handle(), statistics.handle(), epsilon,
                  Onednn.USE_SCALE | Onednn.USE_SHIFT, engine.attributes().handle());
      Onednn.check("dnnl_layer_normalization_forward_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Group normalisation of a map, with the arguments of {@link #layerNorm}. */
  public static OnednnPrimitiveDescriptor groupNorm(
      OnednnEngine engine, OnednnMemoryDescriptor src, OnednnMemoryDescriptor dst, long groups, float epsilon) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      int status =
          (int)
              OnednnFunctions.GROUP_NORMALIZATION_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
                  result, engine.handle(), Onednn.FORWARD_TRAINING, src.handle(), dst.handle(), groups, epsilon,
                  Onednn.USE_SCALE | Onednn.USE_SHIFT, engine.attributes().handle());
      Onednn.check("dnnl_group_normalization_forward_primitive_desc_create", status);
      return new OnednnPrimitiveDescriptor(engine, result.get(ADDRESS, 0));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
