package kiln.model.backend.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnEngine;
import kiln.bindings.OnednnMemoryDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.model.backend.cpu.DnnlLaunch.Argument;
import kiln.model.graph.Shape;
import kiln.model.op.MatMul;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Matrix products, of whole tensors or of matrices that lie in them by strides. */
final class DnnlMatMul {
  private DnnlMatMul() {}

  /** Matrices in a tensor: their extents and strides, batch axes first. */
  record View(long[] dims, long[] strides) {
    View transposed() {
      long[] swappedDims = dims.clone();
      long[] swappedStrides = strides.clone();
      int last = dims.length - 1;
      swappedDims[last] = dims[last - 1];
      swappedDims[last - 1] = dims[last];
      swappedStrides[last] = strides[last - 1];
      swappedStrides[last - 1] = strides[last];
      return new View(swappedDims, swappedStrides);
    }

    private OnednnMemoryDescriptor descriptor() {
      return OnednnMemoryDescriptor.strided(dims, strides);
    }
  }

  /** Inputs: a, b and perhaps a bias over the last axis. */
  static Launch prepare(OnednnEngine engine, MatMul op, List<Buffer> inputs, Buffer output, Scratch scratch) {
    View a = matrices(inputs.get(0).type().shape());
    View b = matrices(inputs.get(1).type().shape());
    return product(
        engine,
        op.transposeA() ? a.transposed() : a,
        inputs.get(0),
        op.transposeB() ? b.transposed() : b,
        inputs.get(1),
        inputs.size() == 3 ? inputs.get(2) : null,
        matrices(output.type().shape()),
        output,
        1,
        scratch);
  }

  /**
   * c = scale · (a · b + bias), each a view of its buffer.
   *
   * @param bias over the last axis of c, or null
   */
  static Launch product(
      OnednnEngine engine,
      View aView,
      Buffer a,
      View bView,
      Buffer b,
      Buffer bias,
      View cView,
      Buffer c,
      float scale,
      Scratch scratch) {
    try (var aLayout = aView.descriptor();
        var bLayout = bView.descriptor();
        var biasLayout = bias == null ? null : row(cView);
        var cLayout = cView.descriptor();
        var descriptor = OnednnPrimitiveDescriptor.matmul(engine, aLayout, bLayout, biasLayout, cLayout, scale)) {
      List<Argument> arguments = new ArrayList<>();
      arguments.add(new Argument(Onednn.ARG_SRC, a));
      arguments.add(new Argument(Onednn.ARG_WEIGHTS, b));
      if (bias != null) {
        arguments.add(new Argument(Onednn.ARG_BIAS, bias));
      }
      arguments.add(new Argument(Onednn.ARG_DST, c));
      return new DnnlLaunch(descriptor, scratch, arguments.toArray(Argument[]::new));
    }
  }

  /** Copies the elements of one view to the places of another. */
  static Launch copy(OnednnEngine engine, View fromView, Buffer from, View toView, Buffer to, Scratch scratch) {
    try (var fromLayout = fromView.descriptor();
        var toLayout = toView.descriptor();
        var descriptor = OnednnPrimitiveDescriptor.reorder(engine, fromLayout, toLayout)) {
      return new DnnlLaunch(descriptor, scratch, new Argument(Onednn.ARG_SRC, from), new Argument(Onednn.ARG_DST, to));
    }
  }

  /** A dense tensor as one matrix, or as a row of matrices: all leading axes are one. */
  private static View matrices(Shape shape) {
    long rows = shape.dim(-2);
    long columns = shape.last();
    return shape.rank() == 2
        ? new View(new long[] {rows, columns}, new long[] {columns, 1})
        : new View(
            new long[] {shape.product(0, shape.rank() - 2), rows, columns}, new long[] {rows * columns, columns, 1});
  }

  /** [1, …, n] for the last axis of {@code view}. */
  private static OnednnMemoryDescriptor row(View view) {
    long[] dims = new long[view.dims.length];
    Arrays.fill(dims, 1);
    dims[dims.length - 1] = view.dims[dims.length - 1];
    return OnednnMemoryDescriptor.plain(dims);
  }
}
