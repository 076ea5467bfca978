package kiln.bindings.cuda;

/**
 * Constants of cuDNN's graph API ({@code cudnn_graph.h}, 9.24). Compared with the header by {@code native/checks/cudnn.c}, and
 * with that file by a test.
 */
final class CudnnConstants {
  static final int CUDNN_STATUS_SUCCESS = 0;
  static final int CUDNN_STATUS_INTERNAL_ERROR_COMPILATION_FAILED = 4001;

  /** Kinds of descriptors. */
  static final int CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR = 1;

  static final int CUDNN_BACKEND_ENGINE_DESCRIPTOR = 2;
  static final int CUDNN_BACKEND_ENGINECFG_DESCRIPTOR = 3;
  static final int CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR = 4;
  static final int CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR = 5;
  static final int CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR = 10;
  static final int CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR = 11;
  static final int CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR = 12;
  static final int CUDNN_BACKEND_POINTWISE_DESCRIPTOR = 0;
  static final int CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR = 13;
  static final int CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR = 15;
  static final int CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR = 16;
  static final int CUDNN_BACKEND_TENSOR_DESCRIPTOR = 17;
  static final int CUDNN_BACKEND_MATMUL_DESCRIPTOR = 18;
  static final int CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR = 19;
  static final int CUDNN_BACKEND_REDUCTION_DESCRIPTOR = 21;
  static final int CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR = 22;
  static final int CUDNN_BACKEND_OPERATION_RESHAPE_DESCRIPTOR = 31;
  static final int CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR = 38;

  /** Types of attributes. */
  static final int CUDNN_TYPE_HANDLE = 0;

  static final int CUDNN_TYPE_DATA_TYPE = 1;
  static final int CUDNN_TYPE_BOOLEAN = 2;
  static final int CUDNN_TYPE_INT64 = 3;
  static final int CUDNN_TYPE_FLOAT = 4;
  static final int CUDNN_TYPE_VOID_PTR = 6;
  static final int CUDNN_TYPE_CONVOLUTION_MODE = 7;
  static final int CUDNN_TYPE_HEUR_MODE = 8;
  static final int CUDNN_TYPE_NUMERICAL_NOTE = 11;
  static final int CUDNN_TYPE_POINTWISE_MODE = 14;
  static final int CUDNN_TYPE_BACKEND_DESCRIPTOR = 15;
  static final int CUDNN_TYPE_REDUCTION_OPERATOR_TYPE = 18;
  static final int CUDNN_TYPE_CHAR = 24;

  /** Values of attributes. */
  static final int CUDNN_DATA_FLOAT = 0;

  static final int CUDNN_DATA_BFLOAT16 = 9;
  static final int CUDNN_CROSS_CORRELATION = 1;
  static final int CUDNN_HEUR_MODE_A = 3;
  static final int CUDNN_HEUR_MODE_FALLBACK = 2;
  static final int CUDNN_NUMERICAL_NOTE_TENSOR_CORE = 0;
  static final int CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS = 1;
  static final int CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION = 2;
  static final int CUDNN_NUMERICAL_NOTE_FFT = 3;
  static final int CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC = 4;
  static final int CUDNN_NUMERICAL_NOTE_WINOGRAD = 5;
  static final int CUDNN_NUMERICAL_NOTE_TYPE_COUNT = 10;
  static final int CUDNN_POINTWISE_ADD = 0;
  static final int CUDNN_POINTWISE_SUB = 9;
  static final int CUDNN_POINTWISE_MUL = 1;
  static final int CUDNN_POINTWISE_EXP = 13;
  static final int CUDNN_POINTWISE_LOG = 15;
  static final int CUDNN_POINTWISE_DIV = 6;
  static final int CUDNN_POINTWISE_IDENTITY = 21;
  static final int CUDNN_REDUCE_TENSOR_ADD = 0;
  static final int CUDNN_REDUCE_TENSOR_MAX = 3;

  /** Attributes of tensors. */
  static final int CUDNN_ATTR_TENSOR_UNIQUE_ID = 906;

  static final int CUDNN_ATTR_TENSOR_DATA_TYPE = 901;
  static final int CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT = 900;
  static final int CUDNN_ATTR_TENSOR_DIMENSIONS = 902;
  static final int CUDNN_ATTR_TENSOR_STRIDES = 903;
  static final int CUDNN_ATTR_TENSOR_IS_VIRTUAL = 907;
  static final int CUDNN_ATTR_TENSOR_IS_BY_VALUE = 908;

  /** Attributes of convolutions. */
  static final int CUDNN_ATTR_CONVOLUTION_COMP_TYPE = 100;

  static final int CUDNN_ATTR_CONVOLUTION_CONV_MODE = 101;
  static final int CUDNN_ATTR_CONVOLUTION_DILATIONS = 102;
  static final int CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES = 103;
  static final int CUDNN_ATTR_CONVOLUTION_POST_PADDINGS = 104;
  static final int CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS = 105;
  static final int CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS = 106;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA = 700;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA = 701;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC = 702;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W = 703;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X = 704;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y = 705;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA = 706;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA = 707;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC = 708;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W = 709;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX = 710;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY = 711;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA = 712;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA = 713;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC = 714;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW = 715;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X = 716;
  static final int CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY = 717;

  /** Attributes of products, reductions and pointwise operations. */
  static final int CUDNN_ATTR_MATMUL_COMP_TYPE = 1500;

  static final int CUDNN_ATTR_OPERATION_MATMUL_ADESC = 1520;
  static final int CUDNN_ATTR_OPERATION_MATMUL_BDESC = 1521;
  static final int CUDNN_ATTR_OPERATION_MATMUL_CDESC = 1522;
  static final int CUDNN_ATTR_OPERATION_MATMUL_DESC = 1523;
  static final int CUDNN_ATTR_REDUCTION_OPERATOR = 1600;
  static final int CUDNN_ATTR_REDUCTION_COMP_TYPE = 1601;
  static final int CUDNN_ATTR_OPERATION_REDUCTION_XDESC = 1610;
  static final int CUDNN_ATTR_OPERATION_REDUCTION_YDESC = 1611;
  static final int CUDNN_ATTR_OPERATION_REDUCTION_DESC = 1612;
  static final int CUDNN_ATTR_POINTWISE_MODE = 0;
  static final int CUDNN_ATTR_POINTWISE_MATH_PREC = 1;
  static final int CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR = 750;
  static final int CUDNN_ATTR_OPERATION_POINTWISE_XDESC = 751;
  static final int CUDNN_ATTR_OPERATION_POINTWISE_BDESC = 752;
  static final int CUDNN_ATTR_OPERATION_POINTWISE_YDESC = 753;
  static final int CUDNN_ATTR_OPERATION_RESHAPE_XDESC = 2200;
  static final int CUDNN_ATTR_OPERATION_RESHAPE_YDESC = 2201;

  /** Attributes of graphs, of the search for engines, and of plans. */
  static final int CUDNN_ATTR_OPERATIONGRAPH_OPS = 801;

  static final int CUDNN_ATTR_ENGINEHEUR_MODE = 200;
  static final int CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH = 201;
  static final int CUDNN_ATTR_ENGINEHEUR_RESULTS = 202;
  static final int CUDNN_ATTR_ENGINEHEUR_DEVICEPROP = 204;
  static final int CUDNN_ATTR_ENGINECFG_ENGINE = 300;
  static final int CUDNN_ATTR_ENGINE_GLOBAL_INDEX = 1301;
  static final int CUDNN_ATTR_ENGINE_NUMERICAL_NOTE = 1303;
  static final int CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG = 401;
  static final int CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE = 402;
  static final int CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP = 407;
  static final int CUDNN_ATTR_DEVICEPROP_HANDLE = 2701;
  static final int CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION = 2702;
  static final int CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS = 1000;
  static final int CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS = 1001;
  static final int CUDNN_ATTR_VARIANT_PACK_WORKSPACE = 1003;

  private CudnnConstants() {}
}
