package kiln.model.backend.cuda;

import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.op.Permute;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Brings tensors to the type and the layout that a library wants, and back, by Kiln's kernels. */
record Conversions(CudaEngine engine, Scratch scratch) {
  /** [out, C, kh, kw] → [out, kh, kw, C]. */
  private static final Permute CHANNELS_LAST = new Permute(List.of(0, 2, 3, 1));

  /** [out, kh, kw, C] → [out, C, kh, kw]. */
  private static final Permute CHANNELS_SECOND = new Permute(List.of(0, 3, 1, 2));

  /** The same numbers, or nearest to them, as {@code wanted}: where they are, or where launches added to {@code steps} put them. */
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
    boolean kept = wanted == DType.BF16 && weight.narrow() != null;
    Buffer from = kept ? weight.narrow() : weight;
    long n = shape.elements();
    MoveLaunches moves = new MoveLaunches(engine);
    int bf16 = wanted == DType.BF16 ? 1 : 0;
    return KeptCopy.of(
        engine,
        weight,
        n * wanted.bytes(),
        place -> {
          if (from.type().dtype() == wanted) {
            return moves.permute(CHANNELS_LAST, bf16, from, shape, place);
          }
          Buffer converted = scratch.reserve(n * wanted.bytes());
          return KernelLaunch.inOrder(
              List.of(
                  cast(from, wanted, converted, n), moves.permute(CHANNELS_LAST, bf16, converted, shape, place)));
        },
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
    boolean wide = found == DType.F32;
    if (isBothWays(shape)) {
      if (wide) {
        return gradient;
      }
      Buffer narrow = scratch.reserve(n * Short.BYTES);
      after.add(cast(narrow, DType.F32, gradient, n));
      return narrow;
    }
    Shape lies = Shape.of(shape.dim(0), shape.dim(2), shape.dim(3), shape.dim(1));
    MoveLaunches moves = new MoveLaunches(engine);
    Buffer written = scratch.reserve(n * found.bytes());
    if (wide) {
      after.add(moves.permute(CHANNELS_SECOND, 0, written, lies, gradient));
    } else {
      Buffer permuted = scratch.reserve(n * Short.BYTES);
      after.add(moves.permute(CHANNELS_SECOND, 1, written, lies, permuted));
      after.add(cast(permuted, DType.F32, gradient, n));
    }
    return written;
  }

  /** Whether the channels may as well be the last axis. */
  private static boolean isBothWays(Shape filter) {
    return filter.dim(1) == 1 || filter.product(2, 4) == 1;
  }
}
