package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Constants of oneDNN's C API (version 3.13, {@code dnnl_types.h}), the check of its statuses, and what it says of itself.
 * Values are checked against the header by {@code native/checks/onednn.c}, and against that file by a test.
 */
public final class Onednn {
  static final int SUCCESS = 0;

  static final int CPU = 1;
  static final int STREAM_IN_ORDER = 1;
  static final int SCRATCHPAD_MODE_USER = 1;

  static final int BF16 = 2;
  static final int F32 = 3;

  /** The bit by which avx512_core_bf16 differs from avx512_core_vnni; all that came later have it too. */
  static final int BF16_ISA = 128;

  static final int FORMAT_TAG_ANY = 1;
  static final int NHWC = 22;

  static final int FORWARD_TRAINING = 64;
  static final int CONVOLUTION_DIRECT = 1;

  static final int ELTWISE_LINEAR = 38;
  static final int ELTWISE_SWISH = 44;
  static final int ELTWISE_GELU_ERF = 49;
  static final int BINARY_ADD = 131056;
  static final int SOFTMAX_ACCURATE = 196608;
  static final int USE_SCALE = 2;
  static final int USE_SHIFT = 4;

  static final int QUERY_IMPL_INFO_STR = 8;
  static final int QUERY_EXEC_ARG_MD = 255;

  /** Arguments of primitives: DNNL_ARG_SRC and so on. */
  public static final int ARG_SRC = 1;

  public static final int ARG_SRC_1 = 2;
  public static final int ARG_DST = 17;
  public static final int ARG_WEIGHTS = 33;
  public static final int ARG_BIAS = 41;
  public static final int ARG_MEAN = 49;
  public static final int ARG_VARIANCE = 50;
  public static final int ARG_SCALE = 51;
  public static final int ARG_SHIFT = 52;
  public static final int ARG_SCRATCHPAD = 80;
  public static final int ARG_DIFF_SRC = 129;
  public static final int ARG_DIFF_DST = 145;
  public static final int ARG_DIFF_WEIGHTS = 161;

  /** dnnl_exec_arg_t: {@code int arg; (4 bytes of padding) dnnl_memory_t memory;}. */
  static final long EXEC_ARG_BYTES = 16;

  static final long EXEC_ARG_MEMORY_OFFSET = 8;

  /** dnnl_version_t starts with {@code int major, minor, patch}. */
  private static final long VERSION_BYTES = 12;

  private Onednn() {}

  /** As in {@code 3.13.0}. */
  public static String version() {
    try {
      MemorySegment version = ((MemorySegment) OnednnFunctions.VERSION.invokeExact()).reinterpret(VERSION_BYTES);
      int major = version.getAtIndex(JAVA_INT, 0);
      return major + "." + version.getAtIndex(JAVA_INT, 1) + "." + version.getAtIndex(JAVA_INT, 2);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** The instructions that oneDNN uses on this machine: the name of its {@code dnnl_cpu_isa_…}, as in avx512_core_bf16. */
  public static String cpuIsa() {
    try {
      int isa = (int) OnednnFunctions.GET_EFFECTIVE_CPU_ISA.invokeExact();
      return switch (isa) {
        case 0x1 -> "sse41";
        case 0x3 -> "avx";
        case 0x7 -> "avx2";
        case 0xf -> "avx2_vnni";
        case 0x1f -> "avx2_vnni_2";
        case 0x27 -> "avx512_core";
        case 0x67 -> "avx512_core_vnni";
        case 0xe7 -> "avx512_core_bf16";
        case 0x1ef -> "avx10_1_512";
        case 0xfef -> "avx10_1_512_amx";
        case 0x1fef -> "avx10_1_512_amx_fp16";
        case 0x201ff -> "avx10_2";
        case 0x22fff -> "avx10_2_amx_2";
        default -> "isa 0x" + Integer.toHexString(isa);
      };
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Whether the processor multiplies bfloat16 numbers, and oneDNN may use that: AVX512-BF16, AVX10 or AMX. */
  public static boolean multipliesBf16() {
    try {
      return ((int) OnednnFunctions.GET_EFFECTIVE_CPU_ISA.invokeExact() & BF16_ISA) != 0;
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * @throws NativeException if {@code status} is not dnnl_success
   */
  static void check(String function, int status) {
    if (status != SUCCESS) {
      throw new NativeException(NativeLibraries.DNNL, function, status, statusText(status));
    }
  }

  /** Room for one pointer that a function returns through an argument. */
  static MemorySegment pointer(Arena call) {
    return call.allocate(ADDRESS);
  }

  /** A dnnl_dims_t. */
  static MemorySegment dims(Arena call, long[] dims) {
    return call.allocateFrom(JAVA_LONG, dims);
  }

  static String text(MemorySegment address) {
    return address.reinterpret(Long.MAX_VALUE).getString(0);
  }

  private static String statusText(int status) {
    try {
      return text((MemorySegment) OnednnFunctions.STATUS2STR.invokeExact(status));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
