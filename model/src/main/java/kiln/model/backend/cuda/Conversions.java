package kiln.model.backend.cuda;

import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Brings tensors to the type and the layout that a library wants, and back, by Kiln's kernels. */
record Conversions(CudaEngine engine, Scratch scratch) {
  /** Numbers that a block of the filter kernels has at a time; a window's pixels are at most that many, less one. */
  private static final long NUMBERS_PER_PIECE = 4608;

  /** The same numbers, or the nearest, as {@code wanted}: where they are, or where launches added to {@code steps} put them. */
  Buffer as(DType wanted, Buffer x, List<Launch> steps) {
    DType type = x.type().dtype();
    if (type == wanted) {
      return x;
    }
    if (wanted == DType.BF16 && x.narrow() != null) {
      return x.narrow();
    }
    long n = x.type().shape().elements();
    return KeptCopy.of(engine, x, n * wanted.bytes(), place -> cast(x, wanted, place, n), steps, scratch);
  }

  private Launch cast(Buffer x, DType wanted, Buffer place, long n) {
    return new KernelLaunch(engine, wanted == DType.BF16 ? DeviceKernel.NARROW : DeviceKernel.WIDEN, n, x, place, n);
  }

  /** The filter [out, C, kh, kw] as [out, kh, kw, C] of {@code wanted}: where it is, or where launches added put it. */
  Buffer filter(DType wanted, Buffer weight, List<Launch> steps) {
    Shape shape = weight.type().shape();
    if (isBothWays(shape)) {
      return as(wanted, weight, steps);
    }
    Buffer from = wanted == DType.BF16 && weight.narrow() != null ? weight.narrow() : weight;
    return KeptCopy.of(
        engine,
        weight,
        shape.elements() * wanted.bytes(),
        place -> move(DeviceKernel.FILTER_PACK, shape, from.type().dtype(), from, wanted, place),
        steps,
        scratch);
  }

  /**
   * Where a library is to write the gradient of a filter, [out, kh, kw, C] of type {@code found}; a launch added to {@code after}
   * brings it to {@code gradient}, float32 [out, C, kh, kw].
   */
  Buffer filterGradient(DType found, Buffer gradient, List<Launch> after) {
    Shape shape = gradient.type().shape();
    long n = shape.elements();
    if (isBothWays(shape) && found == DType.F32) {
      return gradient;
    }
    Buffer written = scratch.reserve(n * found.bytes());
    after.add(
        isBothWays(shape)
            ? cast(written, DType.F32, gradient, n)
            : move(DeviceKernel.FILTER_UNPACK, shape, found, written, DType.F32, gradient));
    return written;
  }

  /**
   * @param filter [out, C, kh, kw]
   */
  private Launch move(DeviceKernel kernel, Shape filter, DType typeOfX, Buffer x, DType typeOfY, Buffer y) {
    long window = filter.product(2, 4);
    if (window >= NUMBERS_PER_PIECE) {
      throw new IllegalArgumentException("a filter of " + filter + ", expected less than " + NUMBERS_PER_PIECE + " pixels");
    }
    long filters = filter.dim(0);
    long channels = filter.dim(1);
    long pieces = filters * Math.ceilDiv(channels, NUMBERS_PER_PIECE / (window | 1));
    return new KernelLaunch(engine, kernel, pieces, bf16(typeOfX), bf16(typeOfY), x, y, filters, channels, window);
  }

  private static int bf16(DType type) {
    return type == DType.BF16 ? 1 : 0;
  }

  /** Whether the channels may as well be the last axis. */
  private static boolean isBothWays(Shape filter) {
    return filter.dim(1) == 1 || filter.product(2, 4) == 1;
  }
}
