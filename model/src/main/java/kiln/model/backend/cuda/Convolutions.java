package kiln.model.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import kiln.bindings.cuda.CudaType;
import kiln.bindings.cuda.CudnnConvolution;
import kiln.bindings.cuda.CudnnConvolution.Size;
import kiln.bindings.cuda.CudnnGraph;
import kiln.bindings.cuda.CudnnNumerics;
import kiln.bindings.cuda.CudnnPlan;
import kiln.model.backend.cuda.KernelLaunch.At;
import kiln.model.backend.cuda.Products.Factor;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.ConvGeometry;
import kiln.model.op.Op;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Convolutions and their gradients by cuDNN, which wants filters as [out, kh, kw, C/groups] of the maps' type, and gives their
 * gradients so; a window of one pixel is a product. The same bits at every run, and float32 numbers are multiplied as they are.
 */
record Convolutions(CudaEngine engine, Scratch scratch) {
  /** Scratch memory that a plan may need: enough for an implicit product's tables and for sums in pieces. */
  private static final long MAX_WORKSPACE = 256L << 20;

  /** What a plan is made for. */
  private enum Kind {
    FORWARD,
    FORWARD_WITH_BIAS,
    INPUT_GRADIENT,
    WEIGHT_GRADIENT
  }

  private record Key(Kind kind, CudnnConvolution convolution) {}

  /** Inputs: x, weight and perhaps a bias. */
  Launch forward(Conv2d op, List<Buffer> in, Buffer y) {
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer bias = in.size() == 3 ? in.get(2) : null;
    DType type = requireFloats(op, in);
    if (isPixelwise(op.geometry(), shape(weight))) {
      return new Products(engine).product(1, pixels(x, false), filter(weight, true), bias, y, scratch);
    }
    CudnnConvolution convolution = convolution(op.geometry(), shape(x), shape(weight), type);
    Conversions conversions = new Conversions(engine, scratch);
    List<Launch> steps = new ArrayList<>();
    Map<Long, At> tensors = new HashMap<>();
    tensors.put(CudnnConvolution.X, new At(x, 0));
    tensors.put(CudnnConvolution.W, new At(conversions.filter(type, weight, steps), 0));
    tensors.put(CudnnConvolution.Y, new At(y, 0));
    Buffer addend = bias == null ? null : conversions.as(type, bias, steps);
    Optional<CudnnPlan> together =
        bias == null ? Optional.empty() : plan(Kind.FORWARD_WITH_BIAS, convolution, convolution::forwardWithBias);
    if (together.isPresent()) {
      tensors.put(CudnnConvolution.BIAS, new At(addend, 0));
      steps.add(new CudnnLaunch(engine, together.get(), tensors, scratch));
      return KernelLaunch.inOrder(steps);
    }
    CudnnPlan alone = plan(Kind.FORWARD, convolution, convolution::forward).orElseThrow(() -> noPlan(op, in));
    steps.add(new CudnnLaunch(engine, alone, tensors, scratch));
    if (bias != null) {
      steps.add(Products.addRow(engine, y, addend));
    }
    return KernelLaunch.inOrder(steps);
  }

  /** Inputs: dy, weight. */
  Launch inputGrad(Conv2dInputGrad op, List<Buffer> in, Buffer dx) {
    Buffer dy = in.get(0);
    Buffer weight = in.get(1);
    DType type = requireFloats(op, in);
    if (isPixelwise(op.geometry(), shape(weight))) {
      return new Products(engine).product(1, pixels(dy, false), filter(weight, false), null, dx, scratch);
    }
    CudnnConvolution convolution = convolution(op.geometry(), shape(dx), shape(weight), type);
    CudnnPlan plan = plan(Kind.INPUT_GRADIENT, convolution, convolution::backwardData).orElseThrow(() -> noPlan(op, in));
    List<Launch> steps = new ArrayList<>();
    Map<Long, At> tensors = new HashMap<>();
    tensors.put(CudnnConvolution.Y, new At(dy, 0));
    tensors.put(CudnnConvolution.W, new At(new Conversions(engine, scratch).filter(type, weight, steps), 0));
    tensors.put(CudnnConvolution.X, new At(dx, 0));
    steps.add(new CudnnLaunch(engine, plan, tensors, scratch));
    return KernelLaunch.inOrder(steps);
  }

  /** Inputs: x, dy. cuDNN writes the gradient in the type of the maps. */
  Launch weightGrad(Conv2dWeightGrad op, List<Buffer> in, Buffer dweight) {
    Buffer x = in.get(0);
    Buffer dy = in.get(1);
    DType type = requireFloats(op, in);
    if (dy.type().dtype() != type) {
      throw CudaKernels.TYPES.missing(op, in);
    }
    if (isPixelwise(op.geometry(), shape(dweight))) {
      return new Products(engine).product(1, pixels(dy, true), pixels(x, false), null, dweight, scratch);
    }
    CudnnConvolution convolution = convolution(op.geometry(), shape(x), shape(dweight), type);
    CudnnPlan plan = plan(Kind.WEIGHT_GRADIENT, convolution, convolution::backwardWeights).orElseThrow(() -> noPlan(op, in));
    List<Launch> after = new ArrayList<>();
    Map<Long, At> tensors = new HashMap<>();
    tensors.put(CudnnConvolution.X, new At(x, 0));
    tensors.put(CudnnConvolution.Y, new At(dy, 0));
    tensors.put(CudnnConvolution.W, new At(new Conversions(engine, scratch).filterGradient(type, dweight, after), 0));
    List<Launch> steps = new ArrayList<>(List.of(new CudnnLaunch(engine, plan, tensors, scratch)));
    steps.addAll(after);
    return KernelLaunch.inOrder(steps);
  }

  /** Checks that all tensors are of numbers; the type of the first, a map. */
  private static DType requireFloats(Op op, List<Buffer> in) {
    if (in.stream().anyMatch(x -> !x.type().dtype().isFloat())) {
      throw CudaKernels.TYPES.missing(op, in);
    }
    return in.getFirst().type().dtype();
  }

  private Optional<CudnnPlan> plan(Kind kind, CudnnConvolution convolution, Supplier<CudnnGraph> graph) {
    CudnnNumerics numerics = convolution.type() == CudaType.F32 ? CudnnNumerics.EXACT_FLOAT32 : CudnnNumerics.REPEATABLE;
    return engine.plan(new Key(kind, convolution), graph, numerics, MAX_WORKSPACE);
  }

  private static IllegalArgumentException noPlan(Op op, List<Buffer> in) {
    return new IllegalArgumentException(op + ": cuDNN has no plan for " + in.stream().map(Buffer::type).toList());
  }

  private static boolean isPixelwise(ConvGeometry g, Shape weight) {
    return g.equals(ConvGeometry.square(1, 0)) && weight.product(2, 4) == 1;
  }

  /** A map as one row per pixel. */
  private static Factor pixels(Buffer map, boolean transposed) {
    return new Factor(map, shape(map).product(0, 3), shape(map).last(), transposed);
  }

  private static Factor filter(Buffer weight, boolean transposed) {
    return new Factor(weight, shape(weight).dim(0), shape(weight).dim(1), transposed);
  }

  /**
   * @param x [N, H, W, C]
   * @param weight [out, C/groups, kh, kw]
   */
  static CudnnConvolution convolution(ConvGeometry g, Shape x, Shape weight, DType type) {
    return new CudnnConvolution(
        x.dim(0),
        x.dim(3),
        new Size(x.dim(1), x.dim(2)),
        weight.dim(0),
        new Size(weight.dim(2), weight.dim(3)),
        new Size(g.strideH(), g.strideW()),
        new Size(g.dilationH(), g.dilationW()),
        new Size(g.padTop(), g.padLeft()),
        new Size(g.padBottom(), g.padRight()),
        g.groups(),
        Products.cuda(type));
  }

  private static Shape shape(Buffer buffer) {
    return buffer.type().shape();
  }
}
