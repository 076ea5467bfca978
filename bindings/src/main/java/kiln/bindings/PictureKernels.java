package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Kernels of {@code native/cpu} for pictures.
 *
 * <p>Each method is the function of the same name in {@code kernels.h}: uint8 in native memory. The caller answers for the
 * sizes.
 */
public final class PictureKernels {
  private static final MethodHandle RESIZE_RGB_SCRATCH =
      CpuKernels.bind("kiln_resize_rgb_scratch", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle RESIZE_RGB =
      CpuKernels.bind("kiln_resize_rgb", FunctionDescriptor.ofVoid(
          ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS,
          ADDRESS, JAVA_LONG, ADDRESS));

  private static final MethodHandle PNG_UNFILTER =
      CpuKernels.bind(
          "kiln_png_unfilter",
          FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private PictureKernels() {}

  /**
   * x [height, 1 + stride], rows as PNG filters them behind the filter's number, to y [height, stride].
   *
   * @param zeros stride of them
   * @param pixel bytes of a pixel, 1 to 4
   * @return 0 if a row names a filter that there is not
   */
  public static long pngUnfilter(
      MemorySegment x, MemorySegment y, MemorySegment zeros, long height, long stride, long pixel) {
    try {
      return (long) PNG_UNFILTER.invokeExact(x, y, zeros, height, stride, pixel);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Bytes of scratch for {@link #resizeRgb}. */
  public static long resizeRgbScratch(long rows, long columns, long width) {
    try {
      return (long) RESIZE_RGB_SCRATCH.invokeExact(rows, columns, width);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * x [rows, columns, 3], rows {@code xStride} bytes apart, to y [height, width, 3].
   *
   * @param columnSpans int32 [width, 2]: the first input column and how many there are
   * @param columnWeights float32 [width, columnTaps]
   * @param columnTaps 0 if columns stay as they are
   * @param rowSpans int32 [height, 2], as of the columns
   * @param rowWeights float32 [height, rowTaps]
   * @param rowTaps 0 if rows stay as they are
   * @param scratch aligned to 64
   */
  public static void resizeRgb(
      MemorySegment x, long xStride, MemorySegment y, long rows, long columns, long height, long width,
      MemorySegment columnSpans, MemorySegment columnWeights, long columnTaps, MemorySegment rowSpans,
      MemorySegment rowWeights, long rowTaps, MemorySegment scratch) {
    try {
      RESIZE_RGB.invokeExact(
          x, xStride, y, rows, columns, height, width, columnSpans, columnWeights, columnTaps, rowSpans, rowWeights, rowTaps,
          scratch);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
