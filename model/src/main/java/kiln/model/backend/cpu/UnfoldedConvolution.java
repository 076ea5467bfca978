package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.OnednnEngine;
import kiln.bindings.ProductKernels;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.op.ConvGeometry;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Convolution of one group, and its gradients, as a product: the map unfolded to [N·Ho·Wo, C·kh·kw] (im2col), times the weights
 * as they lie, [out, C·kh·kw]. See {@link Convolutions} for when.
 */
final class UnfoldedConvolution {
  private final boolean pixelwise;
  private final long places;
  private final long depth;
  private final long out;
  private final MemorySegment window;

  /**
   * @param x [N, H, W, C]
   * @param weight [out, C, kh, kw]
   * @param y [N, Ho, Wo, out]
   */
  UnfoldedConvolution(ConvGeometry g, Shape x, Shape weight, Shape y) {
    pixelwise = isPixelwise(g, weight);
    places = y.product(0, 3);
    depth = weight.product(1, 4);
    out = weight.dim(0);
    long[] extents = {
      x.dim(0), x.dim(1), x.dim(2), x.dim(3), y.dim(1), y.dim(2), weight.dim(2), weight.dim(3),
      g.strideH(), g.strideW(), g.dilationH(), g.dilationW(), g.padTop(), g.padLeft()
    };
    window = Arena.ofAuto().allocateFrom(JAVA_LONG, extents);
  }

  /** Whether the window is one pixel, at every pixel, so that the map already is the matrix. */
  static boolean isPixelwise(ConvGeometry g, Shape weight) {
    return weight.product(2, 4) == 1 && g.strideH() * g.strideW() == 1
        && g.padTop() + g.padBottom() + g.padLeft() + g.padRight() == 0;
  }

  /** Inputs: x, weight and perhaps bias [out]. */
  Launch forward(OnednnEngine engine, List<Buffer> inputs, Buffer y, Scratch scratch) {
    List<Launch> steps = new ArrayList<>();
    DnnlMatrices columns = unfolded(inputs.get(0), steps, scratch);
    DnnlMatrices bias = inputs.size() == 3 ? DnnlMatMul.row(inputs.get(2)) : null;
    DnnlMatMul.product(engine, columns, weights(inputs.get(1)).transposed(), bias, map(y), steps, scratch);
    return DnnlLaunch.sequence(steps);
  }

  Launch inputGrad(OnednnEngine engine, Buffer dy, Buffer weight, Buffer dx, Scratch scratch) {
    List<Launch> steps = new ArrayList<>();
    if (pixelwise) {
      DnnlMatMul.product(engine, map(dy), weights(weight), null, matrix(dx, places, depth), steps, scratch);
      return DnnlLaunch.sequence(steps);
    }
    DnnlMatrices columns = DnnlMatrices.scratch(scratch, DType.F32, places, depth);
    DnnlMatMul.product(engine, map(dy), weights(weight), null, columns, steps, scratch);
    int bf16 = bf16(dx);
    Buffer from = columns.buffer();
    steps.add(() -> ProductKernels.fold(bf16, from.segment(), dx.segment(), window));
    return DnnlLaunch.sequence(steps);
  }

  Launch weightGrad(OnednnEngine engine, Buffer x, Buffer dy, Buffer dweight, Scratch scratch) {
    List<Launch> steps = new ArrayList<>();
    DnnlMatrices columns = unfolded(x, steps, scratch);
    DnnlMatMul.product(engine, map(dy).transposed(), columns, null, weights(dweight), steps, scratch);
    return DnnlLaunch.sequence(steps);
  }

  private DnnlMatrices unfolded(Buffer map, List<Launch> steps, Scratch scratch) {
    if (pixelwise) {
      return matrix(map, places, depth);
    }
    DnnlMatrices columns = DnnlMatrices.scratch(scratch, map.type().dtype(), places, depth);
    int bf16 = bf16(map);
    Buffer to = columns.buffer();
    steps.add(() -> ProductKernels.unfold(bf16, map.segment(), to.segment(), window));
    return columns;
  }

  private DnnlMatrices map(Buffer y) {
    return matrix(y, places, out);
  }

  private DnnlMatrices weights(Buffer weight) {
    return matrix(weight, out, depth);
  }

  private static DnnlMatrices matrix(Buffer buffer, long rows, long columns) {
    return DnnlMatrices.dense(buffer, buffer.type().dtype(), rows, columns);
  }

  private static int bf16(Buffer buffer) {
    return buffer.type().dtype() == DType.BF16 ? 1 : 0;
  }
}
