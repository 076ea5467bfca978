package kiln.model.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.bindings.OnednnEngine;
import kiln.bindings.OnednnMemoryDescriptor;
import kiln.bindings.OnednnPrimitiveDescriptor;
import kiln.bindings.OnednnType;
import kiln.bindings.ProductKernels;
import kiln.model.backend.cpu.DnnlLaunch.Argument;
import kiln.model.graph.DType;
import kiln.model.op.MatMul;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Matrix products. */
final class DnnlMatMul {
  private DnnlMatMul() {}

  /**
   * Up to so many rows, reading the weights takes longer than multiplying by them: they are read once, as float32, and not
   * rounded to bfloat16 first.
   */
  private static final int FEW_ROWS = 64;

  /** From so many rows on, oneDNN's product of weights by columns is faster than that of rows by transposed weights. */
  private static final int ROWS_WORTH_TURNING = 8;

  /** Inputs: a, b and perhaps a bias over the last axis. */
  static Launch prepare(OnednnEngine engine, MatMul op, List<Buffer> inputs, Buffer output, Scratch scratch) {
    DnnlMatrices a = DnnlMatrices.dense(inputs.get(0));
    DnnlMatrices b = DnnlMatrices.dense(inputs.get(1));
    DnnlMatrices left = op.transposeA() ? a.transposed() : a;
    DnnlMatrices right = op.transposeB() ? b.transposed() : b;
    DnnlMatrices bias = inputs.size() == 3 ? row(inputs.get(2)) : null;
    List<Launch> steps = new ArrayList<>();
    product(engine, left, right, bias, DnnlMatrices.dense(output), steps, scratch);
    return DnnlLaunch.sequence(steps);
  }

  /** A vector as a matrix of one row. */
  static DnnlMatrices row(Buffer vector) {
    return DnnlMatrices.dense(vector, vector.type().dtype(), 1, vector.type().shape().dim(0));
  }

  /**
   * Adds launches for c = left · right + bias to {@code steps}. It is computed in bfloat16 if one of the factors is, except for
   * few rows; sums are float32 in any case.
   *
   * @param right if it is the larger factor, weights: float32, possibly as a transposed view
   * @param bias one row, or null
   * @param c dense
   */
  static void product(
      OnednnEngine engine,
      DnnlMatrices left,
      DnnlMatrices right,
      DnnlMatrices bias,
      DnnlMatrices c,
      List<Launch> steps,
      Scratch scratch) {
    long rows = left.dim(-2);
    boolean few = left.dims().length == 2 && rows <= FEW_ROWS && !right.isKeptAs(DType.BF16) && 2 * rows <= right.dim(-1);
    boolean once = right.buffer().isConstant() && right.type() == DType.F32; // then rounding takes no time
    boolean narrow = (!few || once) && (left.type() == DType.BF16 || right.type() == DType.BF16);
    DType type = narrow ? DType.BF16 : DType.F32;
    DnnlMatrices a = left.as(type, engine, steps, scratch);
    if (narrow && once) {
      steps.add(multiplyPacked(engine, a, right, bias, c, steps, scratch));
      return;
    }
    DnnlMatrices b = right.as(type, engine, steps, scratch);
    if (few && rows >= ROWS_WORTH_TURNING && !right.rowsAreDense()) {
      DnnlMatrices turned = DnnlMatrices.scratch(scratch, DType.F32, c.dim(-1), rows);
      steps.add(multiply(engine, b.transposed(), a.transposed(), null, turned, scratch));
      steps.add(turn(turned, bias == null ? null : bias.as(DType.F32, engine, steps, scratch), c));
    } else if (!narrow && c.type() == DType.BF16) {
      DnnlMatrices wide = DnnlMatrices.scratch(scratch, DType.F32, c.dims());
      steps.add(multiply(engine, a, b, bias, wide, scratch));
      steps.add(wide.castTo(c, engine, scratch));
    } else {
      steps.add(multiply(engine, a, b, bias, c, scratch));
    }
  }

  private static Launch turn(DnnlMatrices from, DnnlMatrices bias, DnnlMatrices to) {
    int bf16 = to.type() == DType.BF16 ? 1 : 0;
    Buffer x = from.buffer();
    Buffer y = to.buffer();
    long rows = from.dim(0);
    long columns = from.dim(1);
    if (bias == null) {
      return () -> ProductKernels.turn(bf16, x.segment(), MemorySegment.NULL, y.segment(), rows, columns);
    }
    Buffer addend = bias.buffer();
    return () -> ProductKernels.turn(bf16, x.segment(), addend.segment(), y.segment(), rows, columns);
  }

  /** As {@link #multiply}, with constant weights that are rounded and laid as oneDNN likes them best at the first run. */
  private static Launch multiplyPacked(
      OnednnEngine engine,
      DnnlMatrices a,
      DnnlMatrices weights,
      DnnlMatrices bias,
      DnnlMatrices c,
      List<Launch> steps,
      Scratch scratch) {
    try (var anyLayout = OnednnMemoryDescriptor.any(OnednnType.BF16, weights.dims());
        var descriptor = descriptor(engine, a, anyLayout, bias, c);
        var weightsLayout = weights.layout();
        var packedLayout = descriptor.argument(Onednn.ARG_WEIGHTS);
        var reorder = OnednnPrimitiveDescriptor.reorder(engine, weightsLayout, packedLayout)) {
      Buffer scratchpad = DnnlLaunch.scratchpad(reorder, scratch);
      Buffer packed =
          PackOnce.pack(
              weights.buffer(),
              packedLayout.bytes(),
              place ->
                  new DnnlLaunch(
                      reorder,
                      scratchpad,
                      new Argument(Onednn.ARG_SRC, weights.buffer()),
                      new Argument(Onednn.ARG_DST, place)),
              steps,
              scratch);
      return multiply(descriptor, a, packed, bias, c, scratch);
    }
  }

  /** One primitive; float32 factors, or bfloat16 ones with a result of either type. */
  private static Launch multiply(
      OnednnEngine engine, DnnlMatrices a, DnnlMatrices b, DnnlMatrices bias, DnnlMatrices c, Scratch scratch) {
    try (var bLayout = b.layout();
        var descriptor = descriptor(engine, a, bLayout, bias, c)) {
      return multiply(descriptor, a, b.buffer(), bias, c, scratch);
    }
  }

  private static OnednnPrimitiveDescriptor descriptor(
      OnednnEngine engine, DnnlMatrices a, OnednnMemoryDescriptor bLayout, DnnlMatrices bias, DnnlMatrices c) {
    try (var aLayout = a.layout();
        var biasLayout = bias == null ? null : bias.sameRank(c).layout();
        var cLayout = c.layout()) {
      return OnednnPrimitiveDescriptor.matmul(engine, aLayout, bLayout, biasLayout, cLayout, 1);
    }
  }

  private static Launch multiply(
      OnednnPrimitiveDescriptor descriptor, DnnlMatrices a, Buffer b, DnnlMatrices bias, DnnlMatrices c, Scratch scratch) {
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(Onednn.ARG_SRC, a.buffer()));
    arguments.add(new Argument(Onednn.ARG_WEIGHTS, b));
    if (bias != null) {
      arguments.add(new Argument(Onednn.ARG_BIAS, bias.buffer()));
    }
    arguments.add(new Argument(Onednn.ARG_DST, c.buffer()));
    Buffer scratchpad = DnnlLaunch.scratchpad(descriptor, scratch);
    return new DnnlLaunch(descriptor, scratchpad, arguments.toArray(Argument[]::new));
  }
}
