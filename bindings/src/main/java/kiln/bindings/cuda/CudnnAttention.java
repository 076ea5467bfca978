package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_ADD;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_DIV;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_EXP;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_IDENTITY;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_LOG;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_MUL;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_SUB;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_REDUCE_TENSOR_ADD;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_REDUCE_TENSOR_MAX;

import java.util.List;
import kiln.bindings.cuda.CudnnTensor.Dims;

/**
 * Multi-head scaled dot-product attention and its gradient, softmax(q·kᵀ·scale + biases)·v, as one kernel of cuDNN's each: a
 * graph of products, pointwise operations and reductions that cuDNN knows by its form (cuDNN's Developer Guide, "Fused
 * Attention"; Dao et al. 2022). Tensors lie as [batch, length, heads, width].
 *
 * @param width of q's and k's heads; a multiple of 8
 * @param valueWidth of v's heads; a multiple of 8
 * @param scale of the scores
 * @param biases what is added to the scores, in float32: each dense, with four extents of which each is 1 or that of the scores,
 *     [batch, heads, queries, keys]. Where a key is to be left out, a bias of -{@link Float#MAX_VALUE} does it
 * @param type of q, k, v and y: bfloat16
 */
public record CudnnAttention(
    long batch,
    long heads,
    long queries,
    long keys,
    long width,
    long valueWidth,
    float scale,
    List<Bias> biases,
    CudaType type) {
  /** Ids of tensors; those of the gradients of q, k and v follow. The bias at position i is {@code BIAS + i}. */
  public static final long Q = 1;

  public static final long K = 2;
  public static final long V = 3;
  public static final long Y = 4;

  /** The logarithm of the sum of every row's exponentials, float32 [batch, heads, queries]. */
  public static final long LOG_SUM = 5;

  public static final long DY = 6;
  public static final long DQ = 7;
  public static final long DK = 8;
  public static final long DV = 9;

  /** Scratch of the gradient: float32 [batch, heads, queries]. */
  public static final long ROW_SUM = 10;

  /** Scratch of the gradient unless it is repeatable, to be set to zero before: float32 [batch, heads, queries, width]. */
  public static final long DQ_SUM = 11;

  /** The gradient of the first bias, as large as that, but of {@code type}: cuDNN 9.24 gives it no wider. */
  public static final long DBIAS = 12;

  public static final long BIAS = 20;

  /** Extents of a bias. */
  public record Bias(long batch, long heads, long queries, long keys) {}

  public CudnnAttention {
    biases = List.copyOf(biases);
    if (width % 8 != 0 || valueWidth % 8 != 0) {
      throw new IllegalArgumentException("width=" + width + ", valueWidth=" + valueWidth + ", expected multiples of 8");
    }
    for (Bias bias : biases) {
      boolean fits = fits(bias.batch, batch) && fits(bias.heads, heads) && fits(bias.queries, queries);
      if (!fits || !fits(bias.keys, keys)) {
        throw new IllegalArgumentException(
            bias + ", expected extents of 1, or batch=" + batch + ", heads=" + heads + ", queries=" + queries
                + ", keys=" + keys);
      }
    }
  }

  private static boolean fits(long extent, long scores) {
    return extent == 1 || extent == scores;
  }

  /** {@link #Y} and {@link #LOG_SUM} from {@link #Q}, {@link #K}, {@link #V} and the biases. */
  public CudnnGraph forward() {
    CudnnGraph graph = new CudnnGraph();
    CudnnTensor q = rows(graph, Q, queries, width);
    CudnnTensor k = columns(graph, K, keys, width);
    CudnnTensor scores = scores(graph, q, k, graph.value(scale));

    CudnnTensor max = graph.virtual(perRow(), CudaType.F32);
    graph.reduce(CUDNN_REDUCE_TENSOR_MAX, scores, max);
    CudnnTensor shifted = graph.virtual(all(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_SUB, scores, max, shifted);
    CudnnTensor exponentials = graph.virtual(all(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_EXP, shifted, exponentials);
    CudnnTensor sum = graph.virtual(perRow(), CudaType.F32);
    graph.reduce(CUDNN_REDUCE_TENSOR_ADD, exponentials, sum);
    CudnnTensor logarithm = graph.virtual(perRow(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_LOG, sum, logarithm);
    graph.pointwise(CUDNN_POINTWISE_ADD, max, logarithm, logSum(graph));

    CudnnTensor probabilities = graph.virtual(all(), type);
    graph.pointwise(CUDNN_POINTWISE_DIV, exponentials, sum, probabilities);
    graph.matmul(probabilities, rows(graph, V, keys, valueWidth), rows(graph, Y, queries, valueWidth));
    return graph;
  }

  /**
   * The gradients {@link #DQ}, {@link #DK}, {@link #DV} from {@link #Q}, {@link #K}, {@link #V}, the biases, {@link #Y}, {@link
   * #LOG_SUM} and {@link #DY}, the gradient of y. {@link #ROW_SUM} is scratch.
   *
   * @param repeatable whether it gives the same bits every time. It then needs scratch as large as the scores in {@code type},
   *     else {@link #DQ_SUM}, to which sums are added in no certain order
   * @param biasGradient whether to give {@link #DBIAS} too; only if repeatable
   */
  public CudnnGraph backward(boolean repeatable, boolean biasGradient) {
    if (biasGradient && (biases.isEmpty() || !repeatable)) {
      throw new IllegalArgumentException(
          "biases=" + biases + ", repeatable=" + repeatable + ", expected a bias, and repeatable");
    }
    CudnnGraph graph = new CudnnGraph();
    CudnnTensor factor = graph.value(scale);
    CudnnTensor q = rows(graph, Q, queries, width);
    CudnnTensor k = columns(graph, K, keys, width);
    CudnnTensor dy = rows(graph, DY, queries, valueWidth);
    CudnnTensor rowSum = rowSum(graph, dy);

    CudnnTensor scores = scores(graph, q, k, factor);
    CudnnTensor shifted = graph.virtual(all(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_SUB, scores, logSum(graph), shifted);
    CudnnTensor probabilities = graph.virtual(all(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_EXP, shifted, probabilities);
    graph.matmul(transposed(graph, probabilities), dy, rows(graph, DV, keys, valueWidth));

    CudnnTensor dProbabilities = graph.virtual(all(), CudaType.F32);
    graph.matmul(dy, columns(graph, V, keys, valueWidth), dProbabilities);
    CudnnTensor centred = graph.virtual(all(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_SUB, dProbabilities, rowSum, centred);
    CudnnTensor dScores = graph.virtual(all(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_MUL, centred, probabilities, dScores);
    if (biasGradient) {
      graph.reduce(CUDNN_REDUCE_TENSOR_ADD, dScores, bias(graph, DBIAS, biases.getFirst(), type));
    }
    CudnnTensor dProduct = graph.virtual(all(), type);
    graph.pointwise(CUDNN_POINTWISE_MUL, dScores, factor, dProduct);
    graph.matmul(transposed(graph, dProduct), q, rows(graph, DK, keys, width));
    queryGradient(graph, dProduct, k, repeatable);
    return graph;
  }

  /** The sum over a row of y·dy, which is that of the probabilities and their gradients. */
  private CudnnTensor rowSum(CudnnGraph graph, CudnnTensor dy) {
    CudnnTensor products = graph.virtual(new Dims(batch, heads, queries, valueWidth), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_MUL, dy, rows(graph, Y, queries, valueWidth), products);
    CudnnTensor sums = graph.virtual(perRow(), CudaType.F32);
    graph.reduce(CUDNN_REDUCE_TENSOR_ADD, products, sums);
    CudnnTensor result = graph.memory(ROW_SUM, perRow(), perRow().rowMajor(), CudaType.F32);
    // The form that cuDNN knows has dropout's factor here.
    graph.pointwise(CUDNN_POINTWISE_MUL, sums, graph.value(1), result);
    return result;
  }

  private void queryGradient(CudnnGraph graph, CudnnTensor dProduct, CudnnTensor k, boolean repeatable) {
    CudnnTensor rows = graph.virtual(k.dims().transposed(), k.strides().transposed(), type);
    graph.transpose(k, rows);
    CudnnTensor dq = rows(graph, DQ, queries, width);
    if (repeatable) {
      graph.matmul(dProduct, rows, dq);
    } else {
      Dims dims = new Dims(batch, heads, queries, width);
      CudnnTensor sum = graph.memory(DQ_SUM, dims, dims.rowMajor(), CudaType.F32);
      graph.matmul(dProduct, rows, sum);
      graph.pointwise(CUDNN_POINTWISE_IDENTITY, sum, dq);
    }
  }

  private CudnnTensor scores(CudnnGraph graph, CudnnTensor q, CudnnTensor k, CudnnTensor factor) {
    CudnnTensor products = graph.virtual(all(), CudaType.F32);
    graph.matmul(q, k, products);
    CudnnTensor scores = graph.virtual(all(), CudaType.F32);
    graph.pointwise(CUDNN_POINTWISE_MUL, products, factor, scores);
    for (int i = 0; i < biases.size(); i++) {
      CudnnTensor sum = graph.virtual(all(), CudaType.F32);
      graph.pointwise(CUDNN_POINTWISE_ADD, scores, bias(graph, BIAS + i, biases.get(i), CudaType.F32), sum);
      scores = sum;
    }
    return scores;
  }

  private static CudnnTensor bias(CudnnGraph graph, long id, Bias bias, CudaType elements) {
    Dims dims = new Dims(bias.batch, bias.heads, bias.queries, bias.keys);
    return graph.memory(id, dims, dims.rowMajor(), elements);
  }

  private CudnnTensor transposed(CudnnGraph graph, CudnnTensor x) {
    CudnnTensor y = graph.virtual(all().transposed(), all().rowMajor().transposed(), type);
    graph.transpose(x, y);
    return y;
  }

  private CudnnTensor logSum(CudnnGraph graph) {
    return graph.memory(LOG_SUM, perRow(), perRow().rowMajor(), CudaType.F32);
  }

  /** [batch, heads, length, width], which lies as [batch, length, heads, width]. */
  private CudnnTensor rows(CudnnGraph graph, long id, long length, long inner) {
    return graph.memory(id, new Dims(batch, heads, length, inner), strides(length, inner), type);
  }

  /** The same, transposed: [batch, heads, width, length]. */
  private CudnnTensor columns(CudnnGraph graph, long id, long length, long inner) {
    return graph.memory(id, new Dims(batch, heads, inner, length), strides(length, inner).transposed(), type);
  }

  private Dims strides(long length, long inner) {
    return new Dims(length * heads * inner, inner, heads * inner, 1);
  }

  private Dims all() {
    return new Dims(batch, heads, queries, keys);
  }

  private Dims perRow() {
    return new Dims(batch, heads, queries, 1);
  }
}
