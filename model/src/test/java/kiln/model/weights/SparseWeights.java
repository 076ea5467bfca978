package kiln.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import kiln.model.graph.Shape;

/** Large weight files of zeros that take no room on the disk, and how much of a mapped file is resident. */
final class SparseWeights {
  private SparseWeights() {}

  /** A file with one tensor {@code w}. */
  static Path write(Path file, SafetensorsType type, Shape shape) {
    long bytes = shape.elements() * type.bits() / Byte.SIZE;
    String json =
        String.format("{\"w\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%d]}}", type, shape, bytes);
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(header.length).put(header).flip();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      channel.write(start);
      channel.write(ByteBuffer.allocate(1), 8 + header.length + bytes - 1);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of the mapped file's pages that this process holds, from {@code /proc/self/smaps}. */
  static long residentBytes(Path file) {
    try {
      long bytes = 0;
      boolean inside = false;
      for (String line : Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
        if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
          inside = line.endsWith(file.toRealPath().toString());
        } else if (inside && line.startsWith("Rss:")) {
          bytes += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
