package kiln.model.backend.cpu;

import java.util.List;
import kiln.bindings.OnednnEngine;
import kiln.model.graph.Shape;
import kiln.model.op.ConvGeometry;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Chooses how a convolution and its gradients are computed: as such ({@link DnnlConvolution}), or as a product with the unfolded
 * map ({@link UnfoldedConvolution}).
 *
 * <p>Multiplying takes the same time both ways; what differs is the traffic around it. The first copies weights to oneDNN's
 * layout (or their gradient from it): it writes and reads as many numbers as there are weights, out·K with K = C·kh·kw. The
 * second writes and reads the unfolded map, N·Ho·Wo·K numbers. So the map is unfolded where N·Ho·Wo ≤ out. A window of one pixel
 * needs neither.
 *
 * <p>A residual is not added by the convolution (oneDNN's post-operations can): on processors with AVX-512 that took 1 to 3 %
 * longer than an addition of its own, at 32×32 pixels of 320 channels as at 256×256 of 128.
 */
final class Convolutions {
  private Convolutions() {}

  static Launch forward(OnednnEngine engine, ConvGeometry geometry, List<Buffer> inputs, Buffer y, Scratch scratch) {
    return unfolds(geometry, shape(inputs.get(1)), shape(y))
        ? new UnfoldedConvolution(geometry, shape(inputs.get(0)), shape(inputs.get(1)), shape(y))
            .forward(engine, inputs, y, scratch)
        : DnnlConvolution.forward(engine, geometry, inputs, y, scratch);
  }

  static Launch inputGrad(
      OnednnEngine engine, ConvGeometry geometry, Buffer dy, Buffer weight, Buffer dx, Scratch scratch) {
    return unfolds(geometry, shape(weight), shape(dy))
        ? new UnfoldedConvolution(geometry, shape(dx), shape(weight), shape(dy))
            .inputGrad(engine, dy, weight, dx, scratch)
        : DnnlConvolution.inputGrad(engine, geometry, dy, weight, dx, scratch);
  }

  static Launch weightGrad(
      OnednnEngine engine, ConvGeometry geometry, Buffer x, Buffer dy, Buffer dweight, Scratch scratch) {
    return unfolds(geometry, shape(dweight), shape(dy))
        ? new UnfoldedConvolution(geometry, shape(x), shape(dweight), shape(dy))
            .weightGrad(engine, x, dy, dweight, scratch)
        : DnnlConvolution.weightGrad(engine, geometry, x, dy, dweight, scratch);
  }

  /**
   * @param weight [out, C/groups, kh, kw]
   * @param y [N, Ho, Wo, out]
   */
  private static boolean unfolds(ConvGeometry geometry, Shape weight, Shape y) {
    long places = y.product(0, 3);
    return geometry.groups() == 1 && (UnfoldedConvolution.isPixelwise(geometry, weight) || places <= weight.dim(0));
  }

  private static Shape shape(Buffer buffer) {
    return buffer.type().shape();
  }
}
