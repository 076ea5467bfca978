package kiln.model.backend.cuda;

import static kiln.bindings.cuda.CublasLtEpilogue.BIAS;
import static kiln.bindings.cuda.CublasLtEpilogue.NONE;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import kiln.bindings.DeviceKernel;
import kiln.bindings.cuda.CublasLtProduct;
import kiln.bindings.cuda.CublasLtProduct.Layout;
import kiln.bindings.cuda.CudaType;
import kiln.model.backend.cuda.KernelLaunch.At;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.op.Binary;
import kiln.model.op.MatMul;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Products of matrices by cuBLASLt: in bfloat16 if one of the factors is, with sums in float32; float32 factors are multiplied as
 * they are, never as TF32.
 */
record Products(CudaEngine engine) implements HeadProducts {
  /**
   * Dense matrices.
   *
   * @param rows as it lies, of each
   * @param transposed whether the factor is its transpose
   */
  record Factor(Buffer data, long rows, long columns, boolean transposed) {
    private Layout layout(long batch) {
      return new Layout(transposed, columns, batch == 1 ? 0 : rows * columns);
    }

    private long numRows() {
      return transposed ? columns : rows;
    }

    private long numColumns() {
      return transposed ? rows : columns;
    }
  }

  /** Inputs: a, b and perhaps a bias over the last axis. */
  Launch matMul(MatMul op, List<Buffer> in, Buffer y, Scratch scratch) {
    if (in.stream().anyMatch(x -> !x.type().dtype().isFloat())) {
      throw CudaKernels.TYPES.missing(op, in);
    }
    Shape shape = y.type().shape();
    long batch = shape.product(0, shape.rank() - 2);
    Buffer bias = in.size() == 3 ? in.get(2) : null;
    return product(batch, factor(in.get(0), op.transposeA()), factor(in.get(1), op.transposeB()), bias, y, scratch);
  }

  private static Factor factor(Buffer x, boolean transposed) {
    Shape shape = x.type().shape();
    return new Factor(x, shape.dim(-2), shape.last(), transposed);
  }

  /**
   * y = a·b + bias.
   *
   * @param batch so many products
   * @param bias a row, or null
   */
  Launch product(long batch, Factor a, Factor b, Buffer bias, Buffer y, Scratch scratch) {
    DType result = y.type().dtype();
    boolean narrow = isNarrow(a.data) || isNarrow(b.data);
    DType type = narrow ? DType.BF16 : DType.F32;
    Conversions conversions = new Conversions(engine, scratch);
    List<Launch> steps = new ArrayList<>();
    At left = new At(conversions.as(type, a.data, steps), 0);
    At right = new At(conversions.as(type, b.data, steps), 0);
    At to = new At(y, 0);
    boolean fused = bias != null && batch == 1;
    long n = b.numColumns();
    CublasLtProduct product =
        new CublasLtProduct(
            a.numRows(), n, a.numColumns(), batch, a.layout(batch), b.layout(batch),
            new Layout(false, n, batch == 1 ? 0 : a.numRows() * n), cuda(type), cuda(result), fused ? BIAS : NONE, false, false);
    if (fused) {
      At addend = new At(conversions.as(result, bias, steps), 0);
      steps.add(new ProductLaunch(engine, product, 1, left, right, to, addend));
    } else {
      steps.add(new ProductLaunch(engine, product, 1, left, right, to));
    }
    if (bias != null && !fused) {
      steps.add(addRow(engine, y, conversions.as(result, bias, steps)));
    }
    return KernelLaunch.inOrder(steps);
  }

  /** Adds a row of y's type to every row of y. */
  static Launch addRow(CudaEngine engine, Buffer y, Buffer row) {
    long elements = y.type().shape().elements();
    long n = y.type().shape().last();
    return new KernelLaunch(
        engine, DeviceKernel.BINARY, elements, isNarrow(y) ? 1 : 0, Binary.Kind.ADD.ordinal(), y, row, y, 1L, elements / n, n);
  }

  private static boolean isNarrow(Buffer x) {
    return x.type().dtype() == DType.BF16;
  }

  static CudaType cuda(DType type) {
    return type == DType.BF16 ? CudaType.BF16 : CudaType.F32;
  }

  /**
   * The library steps over one axis of matrices: over both, if the strides allow, else over the longer one, and a launch is made
   * for each place along the other.
   */
  @Override
  public Launch multiply(
      long numSamples, long numHeads, Matrices a, boolean transposeA, Matrices b, boolean transposeB, Matrices c, float factor) {
    boolean one = numHeads == 1 || List.of(a, b, c).stream().allMatch(m -> m.sampleStride() == numHeads * m.headStride());
    boolean byHead = !one && numHeads >= numSamples;
    long batch = one ? numSamples * numHeads : Math.max(numSamples, numHeads);
    ToLongFunction<Matrices> step = byHead || (one && numHeads > 1) ? Matrices::headStride : Matrices::sampleStride;
    CublasLtProduct product =
        new CublasLtProduct(
            c.rows(), c.columns(), transposeA ? a.rows() : a.columns(), batch, layout(a, transposeA, batch, step),
            layout(b, transposeB, batch, step), layout(c, false, batch, step), type(a), type(c), NONE, false, false);
    List<Launch> launches = new ArrayList<>();
    long times = one ? 1 : Math.min(numSamples, numHeads);
    for (long i = 0; i < times; i++) {
      launches.add(new ProductLaunch(engine, product, factor, at(a, i, byHead), at(b, i, byHead), at(c, i, byHead)));
    }
    return KernelLaunch.inOrder(launches);
  }

  private static Layout layout(Matrices m, boolean transposed, long batch, ToLongFunction<Matrices> step) {
    return new Layout(transposed, m.rowStride(), batch == 1 ? 0 : step.applyAsLong(m));
  }

  /** Where the batch number {@code i} starts: a sample's if it goes by head, else a head's. */
  private static At at(Matrices m, long i, boolean byHead) {
    long elements = i * (byHead ? m.sampleStride() : m.headStride());
    return new At(m.data(), m.offset() + elements * type(m).bytes());
  }

  private static CudaType type(Matrices m) {
    return m.bf16() ? CudaType.BF16 : CudaType.F32;
  }
}
