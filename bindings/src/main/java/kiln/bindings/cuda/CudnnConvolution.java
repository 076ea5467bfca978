package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_COMP_TYPE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_CONV_MODE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_DILATIONS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_POST_PADDINGS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_CROSS_CORRELATION;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_DATA_FLOAT;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_POINTWISE_ADD;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_CONVOLUTION_MODE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_DATA_TYPE;

import kiln.bindings.cuda.CudnnTensor.Dims;

/**
 * A convolution of two dimensions and its gradients, as cuDNN computes them (cross-correlation, sums in float32). Feature maps
 * are NHWC: x [n, height, width, channels], y [n, outHeight, outWidth, outChannels]. Weights are KRSC: [outChannels,
 * kernelHeight, kernelWidth, channels / groups].
 *
 * @param type of all tensors, the weights' gradient too: for a float32 gradient of bfloat16 tensors cuDNN 9.24 has next to no engine
 */
public record CudnnConvolution(
    long n,
    long channels,
    Size in,
    long outChannels,
    Size kernel,
    Size stride,
    Size dilation,
    Size padBefore,
    Size padAfter,
    long groups,
    CudaType type) {
  /** Ids of tensors; of a gradient, that of the tensor that it is the gradient of. */
  public static final long X = 1;

  public static final long W = 2;
  public static final long Y = 3;
  public static final long BIAS = 4;

  /** Along height and width. */
  public record Size(long height, long width) {
    public static final Size ONE = new Size(1, 1);
    public static final Size ZERO = new Size(0, 0);

    long[] toArray() {
      return new long[] {height, width};
    }
  }

  public CudnnConvolution {
    if (n < 1 || groups < 1 || channels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          "n=" + n + ", channels=" + channels + ", outChannels=" + outChannels + ", groups=" + groups);
    }
  }

  /** Height and width of y. */
  public Size out() {
    return new Size(
        out(in.height, kernel.height, stride.height, dilation.height, padBefore.height + padAfter.height),
        out(in.width, kernel.width, stride.width, dilation.width, padBefore.width + padAfter.width));
  }

  private static long out(long in, long kernel, long stride, long dilation, long padding) {
    return (in + padding - dilation * (kernel - 1) - 1) / stride + 1;
  }

  /** {@link #Y} = {@link #X} ∗ {@link #W}. */
  public CudnnGraph forward() {
    CudnnGraph graph = new CudnnGraph();
    forward(graph, y(graph));
    return graph;
  }

  /** {@link #Y} = {@link #X} ∗ {@link #W} + {@link #BIAS}, the bias [outChannels] of the same type. */
  public CudnnGraph forwardWithBias() {
    CudnnGraph graph = new CudnnGraph();
    Dims dims = new Dims(n, outChannels, out().height, out().width);
    CudnnTensor product = graph.virtual(dims, channelsLast(dims), CudaType.F32);
    forward(graph, product);
    Dims perChannel = new Dims(1, outChannels, 1, 1);
    CudnnTensor bias = graph.memory(BIAS, perChannel, channelsLast(perChannel), type);
    graph.pointwise(CUDNN_POINTWISE_ADD, product, bias, y(graph));
    return graph;
  }

  private void forward(CudnnGraph graph, CudnnTensor y) {
    graph
        .operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, convolution(graph))
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x(graph).descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, weights(graph).descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y.descriptor())
        .setFloat(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1)
        .setFloat(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0)
        .complete();
  }

  /** The gradient of {@link #X} from that of {@link #Y} and from {@link #W}. */
  public CudnnGraph backwardData() {
    CudnnGraph graph = new CudnnGraph();
    graph
        .operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, convolution(graph))
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, x(graph).descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, weights(graph).descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, y(graph).descriptor())
        .setFloat(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1)
        .setFloat(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, 0)
        .complete();
    return graph;
  }

  /** The gradient of {@link #W} from that of {@link #Y} and from {@link #X}. */
  public CudnnGraph backwardWeights() {
    CudnnGraph graph = new CudnnGraph();
    graph
        .operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, convolution(graph))
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, x(graph).descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, weights(graph).descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, y(graph).descriptor())
        .setFloat(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, 1)
        .setFloat(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, 0)
        .complete();
    return graph;
  }

  private CudnnDescriptor convolution(CudnnGraph graph) {
    return graph
        .own(new CudnnDescriptor(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR))
        .setInts(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
        .setInts(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION)
        .setLongs(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2)
        .setLongs(CUDNN_ATTR_CONVOLUTION_DILATIONS, dilation.toArray())
        .setLongs(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, stride.toArray())
        .setLongs(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, padBefore.toArray())
        .setLongs(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, padAfter.toArray())
        .complete();
  }

  private CudnnTensor x(CudnnGraph graph) {
    Dims dims = new Dims(n, channels, in.height, in.width);
    return graph.memory(X, dims, channelsLast(dims), type);
  }

  private CudnnTensor weights(CudnnGraph graph) {
    Dims dims = new Dims(outChannels, channels / groups, kernel.height, kernel.width);
    return graph.memory(W, dims, channelsLast(dims), type);
  }

  private CudnnTensor y(CudnnGraph graph) {
    Dims dims = new Dims(n, outChannels, out().height, out().width);
    return graph.memory(Y, dims, channelsLast(dims), type);
  }

  /** Strides of [n, c, h, w] that lies as [n, h, w, c]. */
  private static Dims channelsLast(Dims dims) {
    return new Dims(dims.b() * dims.c() * dims.d(), 1, dims.b() * dims.d(), dims.b());
  }
}
