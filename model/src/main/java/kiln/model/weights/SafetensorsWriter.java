package kiln.model.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;

/**
 * Writes safetensors files of any size through little memory; {@link SafetensorsLayout} says where what lies. One pass over the
 * tensors writes them and finds their checksums.
 */
public final class SafetensorsWriter {
  /** A tensor to write, whose bytes are asked for when it is its turn. */
  public record Tensor(String name, SafetensorsType type, Shape shape, TensorBytes data) {
    /**
     * A tensor that lies in memory.
     *
     * @throws IllegalArgumentException if {@code data} is not as large as the shape says
     */
    public Tensor(String name, SafetensorsType type, Shape shape, MemorySegment data) {
      this(name, type, shape, TensorBytes.of(data));
      if (bytes() != data.byteSize()) {
        String found = data.byteSize() + " bytes for " + type + shape;
        throw new IllegalArgumentException("tensor " + name + ": found " + found + ", expected " + bytes());
      }
    }

    public static Tensor f32(String name, Shape shape, MemorySegment data) {
      return new Tensor(name, SafetensorsType.F32, shape, data);
    }

    /** Bytes of the whole tensor. */
    public long bytes() {
      return type.bytes(Arrays.stream(shape.dims()).asLongStream().boxed().toList());
    }

    public Tensor renamed(String other) {
      return new Tensor(other, type, shape, data);
    }

    /**
     * The same numbers in another type, converted as they are asked for: rounded to nearest, ties to even. What is no F32,
     * F16, BF16 or F64 stays as it is.
     *
     * @param to F32, F16 or BF16
     */
    public Tensor as(SafetensorsType to) {
      if (!TensorCast.TARGETS.contains(to)) {
        throw new IllegalArgumentException("type: found " + to + ", expected one of " + TensorCast.TARGETS);
      }
      if (type == to || !TensorCast.FLOATS.contains(type)) {
        return this;
      }
      long width = to.bits() / Byte.SIZE;
      return new Tensor(name, to, shape, (offset, into) -> TensorCast.read(data, type, offset / width, to, into));
    }
  }

  /**
   * A file that has been written with checksums.
   *
   * @param bytes of all of it
   * @param headerCrc32c of its header: the length field, the JSON and its padding; which hold the tensors' checksums
   */
  public record Written(long bytes, int headerCrc32c) {}

  private SafetensorsWriter() {}

  /**
   * Writes {@code path} whole or not at all, in place of what was there, and returns when the bytes are on the disk. The name
   * is durable when the folder has been synced.
   *
   * @throws IllegalArgumentException if two tensors share a name
   * @throws UserException if the file system refuses (a full disk, for example), or a type cannot hold a tensor's number
   */
  public static void write(Path path, Map<String, String> metadata, List<Tensor> tensors) {
    SafetensorsLayout layout = new SafetensorsLayout(tensors);
    byte[] header = layout.header(metadata);
    WholeFile.write(path, channel -> writeAll(path, channel, header, layout));
  }

  /**
   * As {@link #write}, with the CRC-32C of every tensor beside the other notes in the header: {@code crc32c:NAME} and 8 digits in
   * lower-case hexadecimal. {@link SafetensorsChecksums#verify} compares them.
   *
   * @param metadata other notes
   * @throws IllegalArgumentException if two tensors share a name, or a note is called as a checksum
   */
  public static Written writeChecked(Path path, Map<String, String> metadata, List<Tensor> tensors) {
    for (String note : metadata.keySet()) {
      if (note.startsWith(SafetensorsChecksums.NOTE)) {
        throw new IllegalArgumentException("note " + note + ": expected none that starts with " + SafetensorsChecksums.NOTE);
      }
    }
    SafetensorsLayout layout = new SafetensorsLayout(tensors);
    Map<String, Integer> unknown = new LinkedHashMap<>();
    tensors.forEach(tensor -> unknown.put(tensor.name(), 0));
    byte[] placeholder = layout.header(SafetensorsChecksums.notes(metadata, unknown));
    byte[] header =
        WholeFile.write(path, channel -> {
          Map<String, Integer> checksums = new LinkedHashMap<>(unknown);
          checksums.putAll(writeAll(path, channel, placeholder, layout));
          byte[] known = layout.header(SafetensorsChecksums.notes(metadata, checksums)); // as long: digits are as many
          channel.position(0);
          WholeFile.append(channel, ByteBuffer.wrap(known));
          return known;
        });
    CRC32C checksum = new CRC32C();
    checksum.update(header);
    return new Written(header.length + layout.dataBytes(), (int) checksum.getValue());
  }

  /** Appends header and tensors; returns the tensors' checksums by their names. */
  private static Map<String, Integer> writeAll(Path path, FileChannel channel, byte[] header, SafetensorsLayout layout)
      throws IOException {
    Map<String, Integer> checksums = new LinkedHashMap<>();
    WholeFile.append(channel, ByteBuffer.wrap(header));
    try (TensorOutput output = new TensorOutput(path, channel)) {
      for (Tensor tensor : layout.order()) {
        checksums.put(tensor.name(), output.append(tensor));
      }
    }
    return checksums;
  }
}
