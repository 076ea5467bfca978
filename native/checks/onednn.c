/*
 * Checks of bindings/…/Onednn*.java against oneDNN's headers: it compiles only if every constant and signature agrees. A test
 * (OnednnHeaderTest) reads this file and compares it with what the Java classes say: CONSTANT with the fields of Onednn,
 * FUNCTION with the handles of OnednnFunctions, and AS_… with the Java carriers of the C types.
 */
#include <stddef.h>

#include "oneapi/dnnl/dnnl.h"
#include "oneapi/dnnl/dnnl_debug.h"

#include "check.h"

CONSTANT(SUCCESS, dnnl_success, 0);
CONSTANT(CPU, dnnl_cpu, 1);
CONSTANT(STREAM_IN_ORDER, dnnl_stream_in_order, 1);
CONSTANT(SCRATCHPAD_MODE_USER, dnnl_scratchpad_mode_user, 1);
CONSTANT(BF16, dnnl_bf16, 2);
CONSTANT(F32, dnnl_f32, 3);
CONSTANT(FORMAT_TAG_ANY, dnnl_format_tag_any, 1);
CONSTANT(NHWC, dnnl_nhwc, 22);
CONSTANT(FORWARD_TRAINING, dnnl_forward_training, 64);
CONSTANT(CONVOLUTION_DIRECT, dnnl_convolution_direct, 1);
CONSTANT(ELTWISE_LINEAR, dnnl_eltwise_linear, 38);
CONSTANT(ELTWISE_SWISH, dnnl_eltwise_swish, 44);
CONSTANT(ELTWISE_GELU_ERF, dnnl_eltwise_gelu_erf, 49);
CONSTANT(BINARY_ADD, dnnl_binary_add, 131056);
CONSTANT(SOFTMAX_ACCURATE, dnnl_softmax_accurate, 196608);
CONSTANT(USE_SCALE, dnnl_use_scale, 2);
CONSTANT(USE_SHIFT, dnnl_use_shift, 4);
CONSTANT(QUERY_IMPL_INFO_STR, dnnl_query_impl_info_str, 8);
CONSTANT(QUERY_EXEC_ARG_MD, dnnl_query_exec_arg_md, 255);
CONSTANT(ARG_SRC, DNNL_ARG_SRC, 1);
CONSTANT(ARG_SRC_1, DNNL_ARG_SRC_1, 2);
CONSTANT(ARG_DST, DNNL_ARG_DST, 17);
CONSTANT(ARG_WEIGHTS, DNNL_ARG_WEIGHTS, 33);
CONSTANT(ARG_BIAS, DNNL_ARG_BIAS, 41);
CONSTANT(ARG_MEAN, DNNL_ARG_MEAN, 49);
CONSTANT(ARG_VARIANCE, DNNL_ARG_VARIANCE, 50);
CONSTANT(ARG_SCALE, DNNL_ARG_SCALE, 51);
CONSTANT(ARG_SHIFT, DNNL_ARG_SHIFT, 52);
CONSTANT(ARG_SCRATCHPAD, DNNL_ARG_SCRATCHPAD, 80);
CONSTANT(ARG_DIFF_SRC, DNNL_ARG_DIFF_SRC, 129);
CONSTANT(ARG_DIFF_DST, DNNL_ARG_DIFF_DST, 145);
CONSTANT(ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_WEIGHTS, 161);

/* A reorder's arguments go by the same names. */
_Static_assert(DNNL_ARG_FROM == DNNL_ARG_SRC && DNNL_ARG_TO == DNNL_ARG_DST, "reorder arguments");
_Static_assert(DNNL_ARG_SRC == DNNL_ARG_SRC_0 && DNNL_ARG_WEIGHTS == DNNL_ARG_WEIGHTS_0, "matmul arguments");
_Static_assert(DNNL_MEMORY_NONE == NULL, "memory without a place");

CONSTANT(EXEC_ARG_BYTES, sizeof(dnnl_exec_arg_t), 16);
CONSTANT(EXEC_ARG_MEMORY_OFFSET, offsetof(dnnl_exec_arg_t, memory), 8);
_Static_assert(offsetof(dnnl_exec_arg_t, arg) == 0 && sizeof(((dnnl_exec_arg_t *)0)->arg) == 4, "dnnl_exec_arg_t.arg");
CONSTANT(VERSION_BYTES, offsetof(dnnl_version_t, patch) + sizeof(int), 12);
_Static_assert(offsetof(dnnl_version_t, major) == 0 && offsetof(dnnl_version_t, minor) == 4, "dnnl_version_t");

/* Every set of instructions with products of bfloat16 has the bit, and none without. */
CONSTANT(BF16_ISA, dnnl_cpu_isa_avx512_core_bf16 & ~dnnl_cpu_isa_avx512_core_vnni, 128);
_Static_assert((dnnl_cpu_isa_avx10_1_512 & 0x80) && (dnnl_cpu_isa_avx10_1_512_amx & 0x80) && (dnnl_cpu_isa_avx10_2 & 0x80) &&
                   !(dnnl_cpu_isa_avx2_vnni_2 & 0x80),
               "isa with bfloat16");

/* The table of Onednn.cpuIsa. */
_Static_assert(dnnl_cpu_isa_sse41 == 0x1 && dnnl_cpu_isa_avx == 0x3 && dnnl_cpu_isa_avx2 == 0x7, "isa");
_Static_assert(dnnl_cpu_isa_avx2_vnni == 0xf && dnnl_cpu_isa_avx2_vnni_2 == 0x1f, "isa");
_Static_assert(dnnl_cpu_isa_avx512_core == 0x27 && dnnl_cpu_isa_avx512_core_vnni == 0x67, "isa");
_Static_assert(dnnl_cpu_isa_avx512_core_bf16 == 0xe7 && dnnl_cpu_isa_avx10_1_512 == 0x1ef, "isa");
_Static_assert(dnnl_cpu_isa_avx10_1_512_amx == 0xfef && dnnl_cpu_isa_avx10_1_512_amx_fp16 == 0x1fef, "isa");
_Static_assert(dnnl_cpu_isa_avx10_2 == 0x201ff && dnnl_cpu_isa_avx10_2_amx_2 == 0x22fff, "isa");

AS_INT(int);
AS_INT(unsigned);
AS_INT(dnnl_status_t);
AS_INT(dnnl_cpu_isa_t);
AS_INT(dnnl_engine_kind_t);
AS_INT(dnnl_scratchpad_mode_t);
AS_INT(dnnl_data_type_t);
AS_INT(dnnl_format_tag_t);
AS_INT(dnnl_prop_kind_t);
AS_INT(dnnl_alg_kind_t);
AS_INT(dnnl_query_t);
AS_FLOAT(float);
AS_LONG(size_t);
AS_LONG(dnnl_dim_t);
AS_ADDRESS(dnnl_engine_t);
AS_ADDRESS(dnnl_stream_t);
AS_ADDRESS(dnnl_primitive_attr_t);
AS_ADDRESS(const_dnnl_primitive_attr_t);
AS_ADDRESS(dnnl_post_ops_t);
AS_ADDRESS(const_dnnl_post_ops_t);
AS_ADDRESS(dnnl_memory_desc_t);
AS_ADDRESS(const_dnnl_memory_desc_t);
AS_ADDRESS(dnnl_memory_t);
AS_ADDRESS(dnnl_primitive_desc_t);
AS_ADDRESS(const_dnnl_primitive_desc_t);
AS_ADDRESS(dnnl_primitive_t);
AS_ADDRESS(const_dnnl_primitive_t);

FUNCTION(dnnl_version, const dnnl_version_t *, void);
FUNCTION(dnnl_status2str, const char *, dnnl_status_t);
FUNCTION(dnnl_get_effective_cpu_isa, dnnl_cpu_isa_t, void);

FUNCTION(dnnl_engine_create, dnnl_status_t, dnnl_engine_t *, dnnl_engine_kind_t, size_t);
FUNCTION(dnnl_engine_destroy, dnnl_status_t, dnnl_engine_t);
FUNCTION(dnnl_stream_create, dnnl_status_t, dnnl_stream_t *, dnnl_engine_t, unsigned);
FUNCTION(dnnl_stream_destroy, dnnl_status_t, dnnl_stream_t);

FUNCTION(dnnl_primitive_attr_create, dnnl_status_t, dnnl_primitive_attr_t *);
FUNCTION(dnnl_primitive_attr_destroy, dnnl_status_t, dnnl_primitive_attr_t);
FUNCTION(dnnl_primitive_attr_set_scratchpad_mode, dnnl_status_t, dnnl_primitive_attr_t, dnnl_scratchpad_mode_t);
FUNCTION(dnnl_primitive_attr_set_deterministic, dnnl_status_t, dnnl_primitive_attr_t, int);
FUNCTION(dnnl_primitive_attr_set_post_ops, dnnl_status_t, dnnl_primitive_attr_t, const_dnnl_post_ops_t);
FUNCTION(dnnl_post_ops_create, dnnl_status_t, dnnl_post_ops_t *);
FUNCTION(dnnl_post_ops_append_eltwise, dnnl_status_t, dnnl_post_ops_t, dnnl_alg_kind_t, float, float);
FUNCTION(dnnl_post_ops_destroy, dnnl_status_t, dnnl_post_ops_t);

FUNCTION(dnnl_memory_desc_create_with_strides, dnnl_status_t, dnnl_memory_desc_t *, int, const dnnl_dim_t *,
  dnnl_data_type_t, const dnnl_dim_t *);
FUNCTION(dnnl_memory_desc_create_with_tag, dnnl_status_t, dnnl_memory_desc_t *, int, const dnnl_dim_t *,
  dnnl_data_type_t, dnnl_format_tag_t);
FUNCTION(dnnl_memory_desc_clone, dnnl_status_t, dnnl_memory_desc_t *, const_dnnl_memory_desc_t);
FUNCTION(dnnl_memory_desc_destroy, dnnl_status_t, dnnl_memory_desc_t);
FUNCTION(dnnl_memory_desc_equal, int, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t);
FUNCTION(dnnl_memory_desc_get_size, size_t, const_dnnl_memory_desc_t);

FUNCTION(dnnl_memory_create, dnnl_status_t, dnnl_memory_t *, const_dnnl_memory_desc_t, dnnl_engine_t, void *);
FUNCTION(dnnl_memory_set_data_handle, dnnl_status_t, dnnl_memory_t, void *);
FUNCTION(dnnl_memory_destroy, dnnl_status_t, dnnl_memory_t);

FUNCTION(dnnl_convolution_forward_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t,
  dnnl_prop_kind_t, dnnl_alg_kind_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t,
  const_dnnl_memory_desc_t, const dnnl_dim_t *, const dnnl_dim_t *, const dnnl_dim_t *, const dnnl_dim_t *,
  const_dnnl_primitive_attr_t);
FUNCTION(dnnl_convolution_backward_data_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t,
  dnnl_alg_kind_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const dnnl_dim_t *,
  const dnnl_dim_t *, const dnnl_dim_t *, const dnnl_dim_t *, const_dnnl_primitive_desc_t, const_dnnl_primitive_attr_t);
FUNCTION(dnnl_convolution_backward_weights_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t,
  dnnl_alg_kind_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t,
  const dnnl_dim_t *, const dnnl_dim_t *, const dnnl_dim_t *, const dnnl_dim_t *, const_dnnl_primitive_desc_t,
  const_dnnl_primitive_attr_t);
FUNCTION(dnnl_matmul_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t, const_dnnl_memory_desc_t,
  const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_primitive_attr_t);
FUNCTION(dnnl_reorder_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, const_dnnl_memory_desc_t, dnnl_engine_t,
  const_dnnl_memory_desc_t, dnnl_engine_t, const_dnnl_primitive_attr_t);
FUNCTION(dnnl_eltwise_forward_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t, dnnl_prop_kind_t,
  dnnl_alg_kind_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, float, float, const_dnnl_primitive_attr_t);
FUNCTION(dnnl_binary_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t, dnnl_alg_kind_t,
  const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_primitive_attr_t);
FUNCTION(dnnl_softmax_forward_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t, dnnl_prop_kind_t,
  dnnl_alg_kind_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, int, const_dnnl_primitive_attr_t);
FUNCTION(dnnl_layer_normalization_forward_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t,
  dnnl_prop_kind_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, float, unsigned,
  const_dnnl_primitive_attr_t);
FUNCTION(dnnl_group_normalization_forward_primitive_desc_create, dnnl_status_t, dnnl_primitive_desc_t *, dnnl_engine_t,
  dnnl_prop_kind_t, const_dnnl_memory_desc_t, const_dnnl_memory_desc_t, dnnl_dim_t, float, unsigned,
  const_dnnl_primitive_attr_t);
FUNCTION(dnnl_primitive_desc_query, dnnl_status_t, const_dnnl_primitive_desc_t, dnnl_query_t, int, void *);
FUNCTION(dnnl_primitive_desc_query_md, const_dnnl_memory_desc_t, const_dnnl_primitive_desc_t, dnnl_query_t, int);
FUNCTION(dnnl_primitive_desc_destroy, dnnl_status_t, dnnl_primitive_desc_t);

FUNCTION(dnnl_primitive_create, dnnl_status_t, dnnl_primitive_t *, const_dnnl_primitive_desc_t);
FUNCTION(dnnl_primitive_destroy, dnnl_status_t, dnnl_primitive_t);
FUNCTION(dnnl_primitive_execute, dnnl_status_t, const_dnnl_primitive_t, dnnl_stream_t, int, const dnnl_exec_arg_t *);
