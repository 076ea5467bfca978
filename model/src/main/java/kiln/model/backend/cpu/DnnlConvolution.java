package kiln.model.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnEngine;
import kiln.bindings.OnednnMemoryDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor.Window;
import kiln.bindings.OnednnType;
import kiln.model.backend.cpu.DnnlLaunch.Argument;
import kiln.model.graph.Shape;
import kiln.model.op.ConvGeometry;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Convolution and its gradients. Feature maps are NHWC as everywhere; weights come as [out, in/groups, kh, kw] and are copied
 * to and from the layout, and to the type, that oneDNN wants. That takes little time beside the convolution of a large map; see
 * {@link UnfoldedConvolution} for small ones.
 */
final class DnnlConvolution implements AutoCloseable {
  private final OnednnEngine engine;
  private final boolean bf16;
  private final Window window;
  private final OnednnMemoryDescriptor src;
  private final OnednnMemoryDescriptor dst;
  private final long[] extents;
  private final OnednnMemoryDescriptor plainWeights;
  private final OnednnMemoryDescriptor weights;
  private final OnednnMemoryDescriptor weightGrads;

  /**
   * @param x [N, H, W, C]
   * @param weight [out, C/groups, kh, kw]
   * @param y [N, Ho, Wo, out]
   */
  private DnnlConvolution(
      OnednnEngine engine, ConvGeometry geometry, OnednnType type, Shape x, Shape weight, Shape y) {
    this.engine = engine;
    bf16 = type == OnednnType.BF16;
    window =
        new Window(
            new long[] {geometry.strideH(), geometry.strideW()},
            new long[] {geometry.dilationH() - 1, geometry.dilationW() - 1},
            new long[] {geometry.padTop(), geometry.padLeft()},
            new long[] {geometry.padBottom(), geometry.padRight()});
    src = OnednnMemoryDescriptor.nhwc(type, x.dim(0), x.dim(3), x.dim(1), x.dim(2));
    dst = OnednnMemoryDescriptor.nhwc(type, y.dim(0), y.dim(3), y.dim(1), y.dim(2));
    int groups = geometry.groups();
    extents =
        groups == 1
            ? new long[] {weight.dim(0), weight.dim(1), weight.dim(2), weight.dim(3)}
            : new long[] {groups, weight.dim(0) / groups, weight.dim(1), weight.dim(2), weight.dim(3)};
    plainWeights = OnednnMemoryDescriptor.plain(OnednnType.F32, extents);
    weights = OnednnMemoryDescriptor.any(type, extents);
    weightGrads = OnednnMemoryDescriptor.any(OnednnType.F32, extents);
  }

  /** Inputs: x, weight and perhaps bias [out]. */
  static Launch forward(OnednnEngine engine, ConvGeometry geometry, List<Buffer> inputs, Buffer y, Scratch scratch) {
    Buffer x = inputs.get(0);
    Buffer weight = inputs.get(1);
    Buffer bias = inputs.size() == 3 ? inputs.get(2) : null;
    try (var convolution = new DnnlConvolution(engine, geometry, type(x), shape(x), shape(weight), shape(y));
        var descriptor = convolution.forwardDescriptor(bias)) {
      List<Launch> steps = new ArrayList<>();
      List<Argument> arguments = new ArrayList<>();
      arguments.add(new Argument(Onednn.ARG_SRC, x));
      arguments.add(new Argument(Onednn.ARG_WEIGHTS, convolution.packed(descriptor, weight, steps, scratch)));
      if (bias != null) {
        arguments.add(new Argument(Onednn.ARG_BIAS, bias));
      }
      arguments.add(new Argument(Onednn.ARG_DST, y));
      Buffer scratchpad = DnnlLaunch.scratchpad(descriptor, scratch);
      steps.add(new DnnlLaunch(descriptor, scratchpad, arguments.toArray(Argument[]::new)));
      return DnnlLaunch.sequence(steps);
    }
  }

  static Launch inputGrad(
      OnednnEngine engine, ConvGeometry geometry, Buffer dy, Buffer weight, Buffer dx, Scratch scratch) {
    try (var convolution = new DnnlConvolution(engine, geometry, type(dx), shape(dx), shape(weight), shape(dy));
        var forward = convolution.forwardDescriptor(null);
        var descriptor =
            OnednnPrimitiveDescriptor.convolutionBackwardData(
                forward, convolution.src, convolution.weights, convolution.dst, convolution.window)) {
      List<Launch> steps = new ArrayList<>();
      Buffer packed = convolution.packed(descriptor, weight, steps, scratch);
      steps.add(
          new DnnlLaunch(
              descriptor,
              DnnlLaunch.scratchpad(descriptor, scratch),
              new Argument(Onednn.ARG_DIFF_DST, dy),
              new Argument(Onednn.ARG_WEIGHTS, packed),
              new Argument(Onednn.ARG_DIFF_SRC, dx)));
      return DnnlLaunch.sequence(steps);
    }
  }

  static Launch weightGrad(
      OnednnEngine engine, ConvGeometry geometry, Buffer x, Buffer dy, Buffer dweight, Scratch scratch) {
    try (var convolution = new DnnlConvolution(engine, geometry, type(x), shape(x), shape(dweight), shape(dy));
        var forward = convolution.forwardDescriptor(null);
        var descriptor =
            OnednnPrimitiveDescriptor.convolutionBackwardWeights(
                forward, convolution.src, convolution.weightGrads, convolution.dst, convolution.window);
        var chosen = descriptor.argument(Onednn.ARG_DIFF_WEIGHTS)) {
      boolean plain = chosen.sameAs(convolution.plainWeights);
      Buffer result = plain ? dweight : scratch.reserve(chosen.bytes());
      List<Launch> steps = new ArrayList<>();
      steps.add(
          new DnnlLaunch(
              descriptor,
              DnnlLaunch.scratchpad(descriptor, scratch),
              new Argument(Onednn.ARG_SRC, x),
              new Argument(Onednn.ARG_DIFF_DST, dy),
              new Argument(Onednn.ARG_DIFF_WEIGHTS, result)));
      if (!plain) {
        steps.add(convolution.copy(chosen, result, convolution.plainWeights, dweight, scratch));
      }
      return DnnlLaunch.sequence(steps);
    }
  }

  private OnednnPrimitiveDescriptor forwardDescriptor(Buffer bias) {
    if (bias == null) {
      return OnednnPrimitiveDescriptor.convolutionForward(engine, src, weights, null, dst, window);
    }
    try (var vector = OnednnMemoryDescriptor.plain(type(bias), shape(bias).dim(0))) {
      return OnednnPrimitiveDescriptor.convolutionForward(engine, src, weights, vector, dst, window);
    }
  }

  /** Where the weights lie as {@code descriptor} wants them: memory that a launch added to {@code steps} fills, if need be. */
  private Buffer packed(
      OnednnPrimitiveDescriptor descriptor, Buffer weight, List<Launch> steps, Scratch scratch) {
    boolean kept = bf16 && weight.narrow() != null;
    try (var chosen = descriptor.argument(Onednn.ARG_WEIGHTS);
        var plain = OnednnMemoryDescriptor.plain(kept ? OnednnType.BF16 : OnednnType.F32, extents)) {
      Buffer from = kept ? weight.narrow() : weight;
      if (chosen.sameAs(plain)) {
        return from;
      }
      return PackOnce.pack(from, chosen.bytes(), packed -> copy(plain, from, chosen, packed, scratch), steps, scratch);
    }
  }

  private Launch copy(
      OnednnMemoryDescriptor fromLayout,
      Buffer from,
      OnednnMemoryDescriptor toLayout,
      Buffer to,
      Scratch scratch) {
    try (var descriptor = OnednnPrimitiveDescriptor.reorder(engine, fromLayout, toLayout)) {
      Buffer scratchpad = DnnlLaunch.scratchpad(descriptor, scratch);
      return new DnnlLaunch(
          descriptor, scratchpad, new Argument(Onednn.ARG_SRC, from), new Argument(Onednn.ARG_DST, to));
    }
  }

  private static OnednnType type(Buffer buffer) {
    return DnnlMatrices.onednn(buffer.type().dtype());
  }

  private static Shape shape(Buffer buffer) {
    return buffer.type().shape();
  }

  @Override
  public void close() {
    src.close();
    dst.close();
    plainWeights.close();
    weights.close();
    weightGrads.close();
  }
}
