package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/**
 * Handles of the functions of oneDNN's C API that Kiln calls. A field is named as its function without {@code dnnl_}; the
 * signatures are checked against the headers by {@code native/checks/onednn.c}, and against that file by a test.
 */
final class OnednnFunctions {
  static final MethodHandle VERSION = function("dnnl_version", FunctionDescriptor.of(ADDRESS));
  static final MethodHandle STATUS2STR = function("dnnl_status2str", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  static final MethodHandle GET_EFFECTIVE_CPU_ISA =
      function("dnnl_get_effective_cpu_isa", FunctionDescriptor.of(JAVA_INT));

  static final MethodHandle ENGINE_CREATE = status("dnnl_engine_create", ADDRESS, JAVA_INT, JAVA_LONG);
  static final MethodHandle ENGINE_DESTROY = status("dnnl_engine_destroy", ADDRESS);
  static final MethodHandle STREAM_CREATE = status("dnnl_stream_create", ADDRESS, ADDRESS, JAVA_INT);
  static final MethodHandle STREAM_DESTROY = status("dnnl_stream_destroy", ADDRESS);

  static final MethodHandle PRIMITIVE_ATTR_CREATE = status("dnnl_primitive_attr_create", ADDRESS);
  static final MethodHandle PRIMITIVE_ATTR_DESTROY = status("dnnl_primitive_attr_destroy", ADDRESS);
  static final MethodHandle PRIMITIVE_ATTR_SET_SCRATCHPAD_MODE =
      status("dnnl_primitive_attr_set_scratchpad_mode", ADDRESS, JAVA_INT);
  static final MethodHandle PRIMITIVE_ATTR_SET_DETERMINISTIC =
      status("dnnl_primitive_attr_set_deterministic", ADDRESS, JAVA_INT);

  static final MethodHandle PRIMITIVE_ATTR_SET_POST_OPS = status("dnnl_primitive_attr_set_post_ops", ADDRESS, ADDRESS);
  static final MethodHandle POST_OPS_CREATE = status("dnnl_post_ops_create", ADDRESS);
  static final MethodHandle POST_OPS_APPEND_ELTWISE =
      status("dnnl_post_ops_append_eltwise", ADDRESS, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT);
  static final MethodHandle POST_OPS_DESTROY = status("dnnl_post_ops_destroy", ADDRESS);

  static final MethodHandle MEMORY_DESC_CREATE_WITH_STRIDES =
      status("dnnl_memory_desc_create_with_strides", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  static final MethodHandle MEMORY_DESC_CREATE_WITH_TAG =
      status("dnnl_memory_desc_create_with_tag", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  static final MethodHandle MEMORY_DESC_CLONE = status("dnnl_memory_desc_clone", ADDRESS, ADDRESS);
  static final MethodHandle MEMORY_DESC_DESTROY = status("dnnl_memory_desc_destroy", ADDRESS);
  static final MethodHandle MEMORY_DESC_EQUAL =
      function("dnnl_memory_desc_equal", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  static final MethodHandle MEMORY_DESC_GET_SIZE =
      function("dnnl_memory_desc_get_size", FunctionDescriptor.of(JAVA_LONG, ADDRESS));

  static final MethodHandle MEMORY_CREATE = status("dnnl_memory_create", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final MethodHandle MEMORY_SET_DATA_HANDLE = status("dnnl_memory_set_data_handle", ADDRESS, ADDRESS);
  static final MethodHandle MEMORY_DESTROY = status("dnnl_memory_destroy", ADDRESS);

  static final MethodHandle CONVOLUTION_FORWARD_PRIMITIVE_DESC_CREATE =
      status(
          "dnnl_convolution_forward_primitive_desc_create",
          ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
          ADDRESS);
  static final MethodHandle CONVOLUTION_BACKWARD_DATA_PRIMITIVE_DESC_CREATE =
      status(
          "dnnl_convolution_backward_data_primitive_desc_create",
          ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final MethodHandle CONVOLUTION_BACKWARD_WEIGHTS_PRIMITIVE_DESC_CREATE =
      status(
          "dnnl_convolution_backward_weights_primitive_desc_create",
          ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
          ADDRESS);
  static final MethodHandle MATMUL_PRIMITIVE_DESC_CREATE =
      status("dnnl_matmul_primitive_desc_create", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final MethodHandle REORDER_PRIMITIVE_DESC_CREATE =
      status("dnnl_reorder_primitive_desc_create", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final MethodHandle ELTWISE_FORWARD_PRIMITIVE_DESC_CREATE =
      status(
          "dnnl_eltwise_forward_primitive_desc_create",
          ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT, ADDRESS);
  static final MethodHandle BINARY_PRIMITIVE_DESC_CREATE =
      status("dnnl_binary_primitive_desc_create", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final MethodHandle SOFTMAX_FORWARD_PRIMITIVE_DESC_CREATE =
      status(
          "dnnl_softmax_forward_primitive_desc_create",
          ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  static final MethodHandle LAYER_NORMALIZATION_FORWARD_PRIMITIVE_DESC_CREATE =
      status(
          "dnnl_layer_normalization_forward_primitive_desc_create",
          ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_INT, ADDRESS);
  static final MethodHandle GROUP_NORMALIZATION_FORWARD_PRIMITIVE_DESC_CREATE =
      status(
          "dnnl_group_normalization_forward_primitive_desc_create",
          ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_INT, ADDRESS);
  static final MethodHandle PRIMITIVE_DESC_QUERY =
      status("dnnl_primitive_desc_query", ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  static final MethodHandle PRIMITIVE_DESC_QUERY_MD =
      function("dnnl_primitive_desc_query_md", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
  static final MethodHandle PRIMITIVE_DESC_DESTROY = status("dnnl_primitive_desc_destroy", ADDRESS);

  static final MethodHandle PRIMITIVE_CREATE = status("dnnl_primitive_create", ADDRESS, ADDRESS);
  static final MethodHandle PRIMITIVE_DESTROY = status("dnnl_primitive_destroy", ADDRESS);
  static final MethodHandle PRIMITIVE_EXECUTE = status("dnnl_primitive_execute", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);

  private OnednnFunctions() {}

  /** A function that returns a dnnl_status_t. */
  private static MethodHandle status(String name, MemoryLayout... parameters) {
    return function(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return NativeLibraries.downcall(NativeLibraries.DNNL, name, descriptor);
  }
}
