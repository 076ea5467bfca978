package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Kernels of {@code native/cpu} that move and look up elements.
 *
 * <p>Each method is the function of the same name in {@code kernels.h}: dense row-major tensors in native memory, float32
 * unless said. The caller answers for the sizes.
 */
public final class IndexKernels {
  private static final MethodHandle COPY_BLOCKS =
      CpuKernels.bind("kiln_copy_blocks", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PAD_BLOCKS =
      CpuKernels.bind("kiln_pad_blocks", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PERMUTE =
      CpuKernels.bind("kiln_permute", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle ROLL =
      CpuKernels.bind("kiln_roll", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle SELECT_ROWS =
      CpuKernels.bind("kiln_select_rows", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle EMBEDDING =
      CpuKernels.bind("kiln_embedding", FunctionDescriptor.of(
          JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle EMBEDDING_GRAD =
      CpuKernels.bind("kiln_embedding_grad", FunctionDescriptor.of(
          JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CAUSAL_MASK =
      CpuKernels.bind("kiln_causal_mask", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));
  private static final MethodHandle RELATIVE_POSITION_BIAS =
      CpuKernels.bind("kiln_relative_position_bias", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle RELATIVE_POSITION_BIAS_GRAD =
      CpuKernels.bind("kiln_relative_position_bias_grad", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private IndexKernels() {}

  /** Copies count blocks of bytes from one start and stride to another. */
  public static void copyBlocks(
      MemorySegment x, MemorySegment y, long count, long block, long xStart, long xStride, long yStart, long yStride) {
    try {
      COPY_BLOCKS.invokeExact(x, y, count, block, xStart, xStride, yStart, yStride);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Copies count blocks of bytes, with zeros before and after each. */
  public static void padBlocks(MemorySegment x, MemorySegment y, long count, long before, long block, long after) {
    try {
      PAD_BLOCKS.invokeExact(x, y, count, before, block, after);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * Elements of 2 bytes if {@code bf16} is 1, of 4 if it is 0; layout is 12 numbers: extents of the output, then the
   * strides in the input of each of its axes; axis unit has stride 1, 5 is the last.
   */
  public static void permute(int bf16, MemorySegment x, MemorySegment y, MemorySegment layout, long unit) {
    try {
      PERMUTE.invokeExact(bf16, x, y, layout, unit);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Elements as for {@link #permute}; layout is 12 numbers: extents, then shifts in [0, extent). */
  public static void roll(int bf16, MemorySegment x, MemorySegment y, MemorySegment layout) {
    try {
      ROLL.invokeExact(bf16, x, y, layout);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [n, size] = x [n, size] where keep [n] is 1, else alternative [size]; all int32. */
  public static void selectRows(
      MemorySegment x, MemorySegment alternative, MemorySegment keep, MemorySegment y, long n, long size) {
    try {
      SELECT_ROWS.invokeExact(x, alternative, keep, y, n, size);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [n, c] = rows of table [rows, c]. Returns the position of the first id that is no row, or -1. */
  public static long embedding(MemorySegment table, MemorySegment ids, MemorySegment y, long n, long rows, long c) {
    try {
      return (long) EMBEDDING.invokeExact(table, ids, y, n, rows, c);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #embedding}; row padding (-1: none) gets none. Returns as it does. */
  public static long embeddingGrad(
      MemorySegment ids, MemorySegment dy, MemorySegment dtable, long n, long rows, long c, long padding) {
    try {
      return (long) EMBEDDING_GRAD.invokeExact(ids, dy, dtable, n, rows, c, padding);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y int32 [length, length]: 1 where key ≤ query, else 0. */
  public static void causalMask(MemorySegment y, long length) {
    try {
      CAUSAL_MASK.invokeExact(y, length);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [heads, lq, lk] from table [buckets, heads]; buckets [lq + lk - 1] by key - query + lq - 1. */
  public static void relativePositionBias(
      MemorySegment table, MemorySegment buckets, MemorySegment y, long heads, long lq, long lk) {
    try {
      RELATIVE_POSITION_BIAS.invokeExact(table, buckets, y, heads, lq, lk);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #relativePositionBias}; diagonals is scratch for {@code heads·(lq + lk - 1)} floats. */
  public static void relativePositionBiasGrad(
      MemorySegment dy, MemorySegment buckets, MemorySegment dtable, MemorySegment diagonals, long numBuckets, long heads,
      long lq, long lk) {
    try {
      RELATIVE_POSITION_BIAS_GRAD.invokeExact(dy, buckets, dtable, diagonals, numBuckets, heads, lq, lk);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
