package kiln.bench.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnEngine;
import kiln.bindings.OnednnMemoryBound;
import kiln.bindings.OnednnMemoryDescriptor;
import kiln.bindings.OnednnPrimitive;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor.Window;
import kiln.bindings.OnednnType;
import kiln.bindings.Region;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.ConvGeometry;
import kiln.model.op.GroupNorm;
import kiln.model.op.LayerNorm;
import kiln.model.op.MatMul;
import kiln.model.op.Softmax;
import kiln.model.op.Unary;

/**
 * What oneDNN's primitives need for an operation if nothing stands between them and the caller: activations lie as everywhere in
 * Kiln, weights in the layout and type that the primitive chooses, prepared before. A group norm with SiLU is two primitives.
 */
final class LibraryKernel implements Kernel {
  private final OnednnEngine engine = new OnednnEngine();
  private final List<OnednnPrimitive> primitives = new ArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  private final List<TensorType> inputs;
  private final OnednnType type;

  /**
   * @throws IllegalArgumentException if the library has no such operation (see {@link #has})
   */
  LibraryKernel(KernelShape kernel) {
    inputs = kernel.inputs();
    type = kernel.type() == DType.BF16 ? OnednnType.BF16 : OnednnType.F32;
    switch (kernel.op()) {
      case Conv2d op -> convolution(op.geometry(), Onednn.ARG_DST, shape(0), shape(1), output(kernel));
      case Conv2dInputGrad op -> convolution(op.geometry(), Onednn.ARG_DIFF_SRC, output(kernel), shape(1), shape(0));
      case Conv2dWeightGrad op -> convolution(op.geometry(), Onednn.ARG_DIFF_WEIGHTS, shape(0), op.weight(), shape(1));
      case MatMul op -> product(op, kernel.op().infer(inputs).getFirst());
      case Affine _ -> copy();
      case Binary _ -> add();
      case Unary(Unary.Function function) -> elementwise(function);
      case Softmax _ -> softmax();
      case LayerNorm op -> layerNorm(op.epsilon());
      case GroupNorm op -> groupNorm(op);
      default -> throw new IllegalArgumentException("oneDNN has no primitive for " + kernel.op());
    }
  }

  /** Whether there is a primitive that does the same. */
  static boolean has(KernelShape kernel) {
    return switch (kernel.op()) {
      case Conv2d _, Conv2dInputGrad _, Conv2dWeightGrad _, MatMul _, Affine _, Softmax _, LayerNorm _, GroupNorm _ -> true;
      case Binary(Binary.Kind kind) -> kind == Binary.Kind.ADD && kernel.inputs().get(0).equals(kernel.inputs().get(1));
      case Unary(Unary.Function function) -> function == Unary.Function.SILU || function == Unary.Function.GELU;
      default -> false;
    };
  }

  private Shape shape(int input) {
    return inputs.get(input).shape();
  }

  private static Shape output(KernelShape kernel) {
    return kernel.op().infer(kernel.inputs()).getFirst().shape();
  }

  /** The convolution of a map {@code x} to {@code y}, or the gradient that {@code result} names. */
  private void convolution(ConvGeometry g, int result, Shape x, Shape weight, Shape y) {
    Window window =
        new Window(
            new long[] {g.strideH(), g.strideW()}, new long[] {g.dilationH() - 1, g.dilationW() - 1},
            new long[] {g.padTop(), g.padLeft()}, new long[] {g.padBottom(), g.padRight()});
    OnednnType weightType = result == Onednn.ARG_DIFF_WEIGHTS ? OnednnType.F32 : type;
    long[] extents = {weight.dim(0), weight.dim(1), weight.dim(2), weight.dim(3)};
    boolean biased = result == Onednn.ARG_DST && inputs.size() == 3;
    try (var src = map(x);
        var dst = map(y);
        var weights = OnednnMemoryDescriptor.any(type, extents);
        var found = OnednnMemoryDescriptor.any(weightType, extents);
        var bias = biased ? OnednnMemoryDescriptor.plain(OnednnType.F32, weight.dim(0)) : null;
        var forward = OnednnPrimitiveDescriptor.convolutionForward(engine, src, weights, bias, dst, window)) {
      if (result == Onednn.ARG_DST) {
        add(forward, biased
            ? new int[] {Onednn.ARG_SRC, Onednn.ARG_WEIGHTS, Onednn.ARG_BIAS, Onednn.ARG_DST}
            : new int[] {Onednn.ARG_SRC, Onednn.ARG_WEIGHTS, Onednn.ARG_DST});
        return;
      }
      boolean data = result == Onednn.ARG_DIFF_SRC;
      try (var gradient = data
          ? OnednnPrimitiveDescriptor.convolutionBackwardData(forward, src, weights, dst, window)
          : OnednnPrimitiveDescriptor.convolutionBackwardWeights(forward, src, found, dst, window)) {
        add(gradient, data ? Onednn.ARG_WEIGHTS : Onednn.ARG_SRC, Onednn.ARG_DIFF_DST, result);
      }
    }
  }

  private OnednnMemoryDescriptor map(Shape s) {
    return OnednnMemoryDescriptor.nhwc(type, s.dim(0), s.dim(3), s.dim(1), s.dim(2));
  }

  /** Of two matrices; the second one counts as weights unless the first is transposed, as in the gradient of weights. */
  private void product(MatMul op, TensorType result) {
    OnednnType to = result.dtype() == DType.BF16 ? OnednnType.BF16 : OnednnType.F32;
    boolean biased = inputs.size() == 3;
    try (var a = matrix(shape(0), op.transposeA());
        var b = op.transposeA() ? matrix(shape(1), op.transposeB()) : weights(shape(1), op.transposeB());
        var bias = biased ? OnednnMemoryDescriptor.plain(OnednnType.F32, 1, shape(2).dim(0)) : null;
        var c = OnednnMemoryDescriptor.plain(to, result.shape().dim(0), result.shape().dim(1));
        var descriptor = OnednnPrimitiveDescriptor.matmul(engine, a, b, bias, c, 1)) {
      add(descriptor, biased
          ? new int[] {Onednn.ARG_SRC, Onednn.ARG_WEIGHTS, Onednn.ARG_BIAS, Onednn.ARG_DST}
          : new int[] {Onednn.ARG_SRC, Onednn.ARG_WEIGHTS, Onednn.ARG_DST});
    }
  }

  private OnednnMemoryDescriptor matrix(Shape s, boolean transposed) {
    long rows = s.dim(0);
    long columns = s.dim(1);
    return transposed
        ? OnednnMemoryDescriptor.strided(type, new long[] {columns, rows}, new long[] {1, columns})
        : OnednnMemoryDescriptor.plain(type, rows, columns);
  }

  private OnednnMemoryDescriptor weights(Shape s, boolean transposed) {
    return OnednnMemoryDescriptor.any(type, s.dim(transposed ? 1 : 0), s.dim(transposed ? 0 : 1));
  }

  /** All elements in a row. */
  private OnednnMemoryDescriptor flat() {
    return OnednnMemoryDescriptor.plain(type, shape(0).elements());
  }

  private void copy() {
    try (var x = flat();
        var y = flat();
        var descriptor = OnednnPrimitiveDescriptor.reorder(engine, x, y)) {
      add(descriptor, Onednn.ARG_SRC, Onednn.ARG_DST);
    }
  }

  private void add() {
    try (var x = flat();
        var descriptor = OnednnMemoryBound.add(engine, x, x, x)) {
      add(descriptor, Onednn.ARG_SRC, Onednn.ARG_SRC_1, Onednn.ARG_DST);
    }
  }

  private void elementwise(Unary.Function function) {
    try (var x = flat();
        var descriptor =
            function == Unary.Function.SILU ? OnednnMemoryBound.silu(engine, x, x) : OnednnMemoryBound.gelu(engine, x, x)) {
      add(descriptor, Onednn.ARG_SRC, Onednn.ARG_DST);
    }
  }

  private void softmax() {
    try (var x = rows();
        var descriptor = OnednnMemoryBound.softmax(engine, x, x, 1)) {
      add(descriptor, Onednn.ARG_SRC, Onednn.ARG_DST);
    }
  }

  private OnednnMemoryDescriptor rows() {
    long columns = shape(0).last();
    return OnednnMemoryDescriptor.plain(type, shape(0).elements() / columns, columns);
  }

  private void layerNorm(float epsilon) {
    long count = shape(0).elements() / shape(0).last();
    try (var x = rows();
        var statistics = OnednnMemoryDescriptor.plain(OnednnType.F32, count);
        var descriptor = OnednnMemoryBound.layerNorm(engine, x, x, statistics, epsilon)) {
      add(descriptor, Onednn.ARG_SRC, Onednn.ARG_DST, Onednn.ARG_MEAN, Onednn.ARG_VARIANCE, Onednn.ARG_SCALE, Onednn.ARG_SHIFT);
    }
  }

  private void groupNorm(GroupNorm op) {
    try (var x = map(shape(0));
        var norm = OnednnMemoryBound.groupNorm(engine, x, x, op.numGroups(), op.epsilon());
        var silu = OnednnMemoryBound.silu(engine, x, x)) {
      add(norm, Onednn.ARG_SRC, Onednn.ARG_DST, Onednn.ARG_MEAN, Onednn.ARG_VARIANCE, Onednn.ARG_SCALE, Onednn.ARG_SHIFT);
      if (op.silu()) {
        add(silu, Onednn.ARG_SRC, Onednn.ARG_DST);
        // In place, on what the norm has written.
        primitives.getLast().place(0, regions.get(1).segment(), 0);
        primitives.getLast().place(1, regions.get(1).segment(), 0);
      }
    }
  }

  /** Makes the primitive, and memory for each of its arguments. */
  private void add(OnednnPrimitiveDescriptor descriptor, int... roles) {
    boolean scratch = descriptor.scratchBytes() > 0;
    int[] all = Arrays.copyOf(roles, roles.length + (scratch ? 1 : 0));
    if (scratch) {
      all[roles.length] = Onednn.ARG_SCRATCHPAD;
    }
    OnednnPrimitive primitive = new OnednnPrimitive(descriptor, all);
    primitives.add(primitive);
    for (int i = 0; i < all.length; i++) {
      Region region = Region.allocate("argument", Math.max(1, primitive.bytes(i)));
      regions.add(region);
      if (primitive.bytes(i) % Float.BYTES == 0) {
        Values.fill(region.segment(), type == OnednnType.BF16 && all[i] != Onednn.ARG_BIAS);
      }
      primitive.place(i, region.segment(), 0);
    }
  }

  @Override
  public void run() {
    primitives.forEach(OnednnPrimitive::execute);
  }

  @Override
  public void close() {
    primitives.forEach(OnednnPrimitive::close);
    regions.forEach(Region::close);
    engine.close();
  }
}
