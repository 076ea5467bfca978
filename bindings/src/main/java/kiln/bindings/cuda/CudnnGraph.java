package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_MATMUL_COMP_TYPE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATIONGRAPH_OPS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_MATMUL_ADESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_MATMUL_BDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_MATMUL_CDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_MATMUL_DESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_POINTWISE_BDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_POINTWISE_XDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_POINTWISE_YDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_REDUCTION_DESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_REDUCTION_XDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_REDUCTION_YDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_RESHAPE_XDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_OPERATION_RESHAPE_YDESC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_POINTWISE_MATH_PREC;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_POINTWISE_MODE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_REDUCTION_COMP_TYPE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_REDUCTION_OPERATOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_MATMUL_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_OPERATION_RESHAPE_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_POINTWISE_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_REDUCTION_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_DATA_FLOAT;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_DATA_TYPE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_POINTWISE_MODE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_REDUCTION_OPERATOR_TYPE;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.cuda.CudnnTensor.Dims;
import kiln.bindings.cuda.CudnnTensor.Place;

/**
 * Operations that cuDNN does in one go, with the tensors that they read and write; arithmetic is float32. It owns all descriptors
 * made with it, and the plans: whoever makes one closes it, when nothing of it is still being executed.
 */
public final class CudnnGraph implements AutoCloseable {
  /** Where ids start of tensors that nobody needs to name. */
  private static final long FIRST_UNNAMED = 1000;

  private final List<CudnnDescriptor> owned = new ArrayList<>();
  private final List<CudnnDescriptor> operations = new ArrayList<>();
  private final Map<Long, CudnnTensor> tensors = new LinkedHashMap<>();
  private final Map<Long, Float> values = new LinkedHashMap<>();
  private long nextId = FIRST_UNNAMED;
  private CudnnDescriptor graph;

  /**
   * @throws kiln.bindings.UserException if there is no cuDNN
   */
  CudnnGraph() {
    CudaLibraries.require(CudaLibrary.CUDNN);
  }

  /** A tensor in memory that an execution is given by its id. */
  CudnnTensor memory(long id, Dims dims, Dims strides, CudaType type) {
    return add(CudnnTensor.of(id, dims, strides, type, Place.MEMORY));
  }

  /** A dense tensor between two operations. */
  CudnnTensor virtual(Dims dims, CudaType type) {
    return virtual(dims, dims.rowMajor(), type);
  }

  CudnnTensor virtual(Dims dims, Dims strides, CudaType type) {
    return add(CudnnTensor.of(nextId++, dims, strides, type, Place.VIRTUAL));
  }

  /** One number. */
  CudnnTensor value(float number) {
    CudnnTensor tensor = add(CudnnTensor.of(nextId++, Dims.ONE, Dims.ONE, CudaType.F32, Place.VALUE));
    values.put(tensor.id(), number);
    return tensor;
  }

  private CudnnTensor add(CudnnTensor tensor) {
    own(tensor.descriptor());
    if (tensors.put(tensor.id(), tensor) != null) {
      throw new IllegalArgumentException("tensor " + tensor.id() + " is there already");
    }
    return tensor;
  }

  /** y = mode(x). */
  void pointwise(int mode, CudnnTensor x, CudnnTensor y) {
    operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, pointwise(mode))
        .setDescriptors(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x.descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y.descriptor())
        .complete();
  }

  /** y = x mode b; b is repeated along axes where it has one element. */
  void pointwise(int mode, CudnnTensor x, CudnnTensor b, CudnnTensor y) {
    operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, pointwise(mode))
        .setDescriptors(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x.descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b.descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y.descriptor())
        .complete();
  }

  private CudnnDescriptor pointwise(int mode) {
    return own(new CudnnDescriptor(CUDNN_BACKEND_POINTWISE_DESCRIPTOR))
        .setInts(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode)
        .setInts(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
        .complete();
  }

  /** c = a·b over the last two axes. */
  void matmul(CudnnTensor a, CudnnTensor b, CudnnTensor c) {
    CudnnDescriptor matmul =
        own(new CudnnDescriptor(CUDNN_BACKEND_MATMUL_DESCRIPTOR))
            .setInts(CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
            .complete();
    operation(CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_MATMUL_DESC, matmul)
        .setDescriptors(CUDNN_ATTR_OPERATION_MATMUL_ADESC, a.descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_MATMUL_BDESC, b.descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_MATMUL_CDESC, c.descriptor())
        .complete();
  }

  /** y = x reduced along the axes where y has one element. */
  void reduce(int operator, CudnnTensor x, CudnnTensor y) {
    CudnnDescriptor reduction =
        own(new CudnnDescriptor(CUDNN_BACKEND_REDUCTION_DESCRIPTOR))
            .setInts(CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, operator)
            .setInts(CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
            .complete();
    operation(CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_REDUCTION_DESC, reduction)
        .setDescriptors(CUDNN_ATTR_OPERATION_REDUCTION_XDESC, x.descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_REDUCTION_YDESC, y.descriptor())
        .complete();
  }

  /** y = x with its last two axes exchanged. */
  void transpose(CudnnTensor x, CudnnTensor y) {
    operation(CUDNN_BACKEND_OPERATION_RESHAPE_DESCRIPTOR)
        .setDescriptors(CUDNN_ATTR_OPERATION_RESHAPE_XDESC, x.descriptor())
        .setDescriptors(CUDNN_ATTR_OPERATION_RESHAPE_YDESC, y.descriptor())
        .complete();
  }

  /** A new operation, for the caller to complete. */
  CudnnDescriptor operation(int kind) {
    CudnnDescriptor operation = own(new CudnnDescriptor(kind));
    operations.add(operation);
    return operation;
  }

  /** Closes it with this graph, the last first. */
  CudnnDescriptor own(CudnnDescriptor descriptor) {
    owned.add(descriptor);
    return descriptor;
  }

  /** The tensor with that id. */
  CudnnTensor tensor(long id) {
    CudnnTensor tensor = tensors.get(id);
    if (tensor == null) {
      throw new IllegalArgumentException("found tensor " + id + ", expected one of " + tensors.keySet());
    }
    return tensor;
  }

  /** Ids of the tensors in memory, in the order in which they were made. */
  public List<Long> memoryIds() {
    return tensors.values().stream().filter(t -> t.place() == Place.MEMORY).map(CudnnTensor::id).toList();
  }

  /** The numbers that travel with an execution. */
  Map<Long, Float> values() {
    return values;
  }

  /** Bytes that the tensor with that id takes. */
  public long bytes(long id) {
    return tensor(id).bytes();
  }

  /** The operations as one; nothing can be added after that. */
  CudnnDescriptor complete() {
    if (graph == null) {
      graph =
          own(new CudnnDescriptor(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR))
              .setDescriptors(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations.toArray(CudnnDescriptor[]::new))
              .complete();
    }
    return graph;
  }

  @Override
  public void close() {
    for (CudnnDescriptor descriptor : owned.reversed()) {
      descriptor.close();
    }
    owned.clear();
  }
}
