package kiln.model.backend.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnEngine;
import kiln.bindings.OnednnMemoryDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.model.backend.cpu.DnnlLaunch.Argument;
import kiln.model.op.MatMul;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Matrix products, whole or in parts of the batch, and copies between layouts of matrices. */
final class DnnlMatMul {
  private DnnlMatMul() {}

  /** Inputs: a, b and perhaps a bias over the last axis. */
  static Launch prepare(OnednnEngine engine, MatMul op, List<Buffer> inputs, Buffer output, Scratch scratch) {
    DnnlMatrices a = DnnlMatrices.dense(inputs.get(0));
    DnnlMatrices b = DnnlMatrices.dense(inputs.get(1));
    DnnlMatrices left = op.transposeA() ? a.transposed() : a;
    DnnlMatrices right = op.transposeB() ? b.transposed() : b;
    DnnlMatrices c = DnnlMatrices.dense(output);
    Buffer bias = inputs.size() == 3 ? inputs.get(2) : null;
    try (var aLayout = left.layout();
        var bLayout = right.layout();
        var biasLayout = bias == null ? null : row(c);
        var cLayout = c.layout();
        var descriptor = OnednnPrimitiveDescriptor.matmul(engine, aLayout, bLayout, biasLayout, cLayout, 1)) {
      List<Argument> arguments = new ArrayList<>();
      arguments.add(new Argument(Onednn.ARG_SRC, left.buffer()));
      arguments.add(new Argument(Onednn.ARG_WEIGHTS, right.buffer()));
      if (bias != null) {
        arguments.add(new Argument(Onednn.ARG_BIAS, bias));
      }
      arguments.add(new Argument(Onednn.ARG_DST, output));
      Buffer scratchpad = DnnlLaunch.scratchpad(descriptor, scratch);
      return new DnnlLaunch(descriptor, scratchpad, arguments.toArray(Argument[]::new));
    }
  }

  /** [1, …, n] for the last axis of {@code matrices}. */
  private static OnednnMemoryDescriptor row(DnnlMatrices matrices) {
    long[] dims = new long[matrices.dims().length];
    Arrays.fill(dims, 1);
    dims[dims.length - 1] = matrices.dim(-1);
    return OnednnMemoryDescriptor.plain(dims);
  }

  /**
   * c = scale · a · b, as one launch for every {@code part} entries of the first axis.
   *
   * @param part divides the batch
   */
  static List<Launch> products(
      OnednnEngine engine, DnnlMatrices a, DnnlMatrices b, DnnlMatrices c, float scale, long part, Scratch scratch) {
    try (var aLayout = a.first(part).layout();
        var bLayout = b.first(part).layout();
        var cLayout = c.first(part).layout();
        var descriptor = OnednnPrimitiveDescriptor.matmul(engine, aLayout, bLayout, null, cLayout, scale)) {
      Buffer scratchpad = DnnlLaunch.scratchpad(descriptor, scratch);
      List<Launch> launches = new ArrayList<>();
      for (long i = 0; i < a.dim(0); i += part) {
        launches.add(
            new DnnlLaunch(
                descriptor,
                scratchpad,
                new Argument(Onednn.ARG_SRC, a.buffer(), a.offset(i)),
                new Argument(Onednn.ARG_WEIGHTS, b.buffer(), b.offset(i)),
                new Argument(Onednn.ARG_DST, c.buffer(), c.offset(i))));
      }
      return launches;
    }
  }

  /**
   * c = scale · aᵀ · b, as {@link #products}. oneDNN copies a transposed left factor; where that is the large one, as a
   * matrix of attention is, this makes the transposed product bᵀ · a instead and turns the result, which is small.
   */
  static List<Launch> transposedProducts(
      OnednnEngine engine, DnnlMatrices a, DnnlMatrices b, DnnlMatrices c, float scale, long part, Scratch scratch) {
    Buffer turned = scratch.reserve(part * c.dim(1) * c.dim(2) * c.dim(3) * Float.BYTES);
    DnnlMatrices one = DnnlMatrices.dense(turned, part, c.dim(1), c.dim(3), c.dim(2));
    try (var aLayout = a.first(part).layout();
        var bLayout = b.transposed().first(part).layout();
        var oneLayout = one.layout();
        var turnedLayout = one.transposed().layout();
        var cLayout = c.first(part).layout();
        var product = OnednnPrimitiveDescriptor.matmul(engine, bLayout, aLayout, null, oneLayout, scale);
        var turn = OnednnPrimitiveDescriptor.reorder(engine, turnedLayout, cLayout)) {
      Buffer productScratchpad = DnnlLaunch.scratchpad(product, scratch);
      Buffer turnScratchpad = DnnlLaunch.scratchpad(turn, scratch);
      List<Launch> launches = new ArrayList<>();
      for (long i = 0; i < a.dim(0); i += part) {
        Launch multiply =
            new DnnlLaunch(
                product,
                productScratchpad,
                new Argument(Onednn.ARG_SRC, b.buffer(), b.offset(i)),
                new Argument(Onednn.ARG_WEIGHTS, a.buffer(), a.offset(i)),
                new Argument(Onednn.ARG_DST, turned));
        Launch copy =
            new DnnlLaunch(
                turn,
                turnScratchpad,
                new Argument(Onednn.ARG_SRC, turned),
                new Argument(Onednn.ARG_DST, c.buffer(), c.offset(i)));
        launches.add(DnnlLaunch.sequence(List.of(multiply, copy)));
      }
      return launches;
    }
  }
}
