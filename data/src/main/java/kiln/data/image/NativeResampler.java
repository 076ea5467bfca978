package kiln.data.image;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import kiln.bindings.PictureKernels;

/** {@link Resampler} in native code. */
final class NativeResampler {
  private NativeResampler() {}

  /** The region, resampled to height by width, in scratch memory. */
  static NativePixels resize(NativePixels image, Region region, int height, int width) {
    ResampleWeights columns = new ResampleWeights(image.width(), region.left(), region.right(), width);
    ResampleWeights rows = new ResampleWeights(image.height(), region.top(), region.bottom(), height);
    // Only what some output needs is looked at.
    int left = first(columns);
    int right = end(columns, image.width());
    int top = first(rows);
    int bottom = end(rows, image.height());
    long stride = 3L * image.width();
    long from = top * stride + 3L * left;
    MemorySegment needed = image.rgb().asSlice(from, (bottom - top - 1) * stride + 3L * (right - left));
    MemorySegment out = Scratch.get(Scratch.Use.RESIZED, 3L * height * width);
    MemorySegment scratch =
        Scratch.get(Scratch.Use.RESIZE, PictureKernels.resizeRgbScratch(bottom - top, right - left, width));
    MemorySegment tables = Scratch.get(Scratch.Use.TABLES, tableBytes(columns) + tableBytes(rows));
    MemorySegment columnTable = table(columns, left, tables.asSlice(0, tableBytes(columns)));
    MemorySegment rowTable = table(rows, top, tables.asSlice(tableBytes(columns)));
    PictureKernels.resizeRgb(
        needed, stride, out, bottom - top, right - left, height, width,
        columnTable, columnTable.asSlice(spanBytes(columns)), columns.taps,
        rowTable, rowTable.asSlice(spanBytes(rows)), rows.taps,
        scratch);
    return new NativePixels(height, width, out);
  }

  /** The first input that is used: that of the first output, as they only go up. */
  private static int first(ResampleWeights weights) {
    return weights.isIdentity() ? 0 : weights.first[0];
  }

  private static int end(ResampleWeights weights, int inputs) {
    int last = weights.first.length - 1;
    return weights.isIdentity() ? inputs : weights.first[last] + weights.count[last];
  }

  private static long spanBytes(ResampleWeights weights) {
    return weights.isIdentity() ? 0 : 2L * Integer.BYTES * weights.first.length;
  }

  private static long tableBytes(ResampleWeights weights) {
    return spanBytes(weights) + (long) Float.BYTES * weights.weights.length;
  }

  /** Spans, counted from input {@code start}, and weights after them. */
  private static MemorySegment table(ResampleWeights weights, int start, MemorySegment table) {
    if (!weights.isIdentity()) {
      for (int i = 0; i < weights.first.length; i++) {
        table.setAtIndex(JAVA_INT, 2L * i, weights.first[i] - start);
        table.setAtIndex(JAVA_INT, 2L * i + 1, weights.count[i]);
      }
      MemorySegment.copy(weights.weights, 0, table, JAVA_FLOAT, spanBytes(weights), weights.weights.length);
    }
    return table;
  }
}
