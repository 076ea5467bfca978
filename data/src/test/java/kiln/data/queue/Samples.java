package kiln.data.queue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.data.BucketTable;
import kiln.data.Sample;

/** Samples whose every byte follows from their number, and data sets made of them. */
final class Samples {
  private static final int BLOCK = 8;

  private Samples() {}

  static Sample number(int id, BucketTable.Size size) {
    return Sample.of(
        id,
        size,
        target -> {
          for (long i = 0; i < target.byteSize(); i++) {
            target.set(ValueLayout.JAVA_BYTE, i, pixel(id, i));
          }
        },
        "Sämple " + id,
        "{\"number\":" + id + "}");
  }

  static byte pixel(long id, long i) {
    return (byte) (id * 31 + i * 7 + (i >> 8));
  }

  static boolean pixelsAre(long id, MemorySegment pixels) {
    for (long i = 0; i < pixels.byteSize(); i++) {
      if (pixels.get(ValueLayout.JAVA_BYTE, i) != pixel(id, i)) {
        return false;
      }
    }
    return true;
  }

  /** A finished data set: sample {@code i} goes to size {@code i % sizes}. */
  static Path dataset(Path folder, BucketTable table, int count) throws IOException {
    Path queue = folder.resolve(Split.TRAIN.folder());
    try (BatchWriter writer = new BatchWriter(queue, BLOCK, table)) {
      for (int i = 0; i < count; i++) {
        writer.add(i, number(i, table.sizes().get(i % table.sizes().size())));
      }
      Manifest.Contents contents = writer.finish();
      Manifest.of("test", Map.of("count", count), BLOCK, Map.of("train", contents), Map.of(), List.of()).write(folder);
    }
    return folder;
  }
}
