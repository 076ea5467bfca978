package kiln.model.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors files from memory segments, without copying them. Tensors follow one another in the order given; the data
 * starts at a multiple of 64 bytes, because the header is padded with spaces.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 64;

  /** Bytes per write: far below what a ByteBuffer can view. */
  private static final long CHUNK = 1L << 28;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A tensor to write: exactly its bytes, row-major, little-endian. */
  public record Tensor(String name, SafetensorsType type, Shape shape, MemorySegment data) {
    public static Tensor f32(String name, Shape shape, MemorySegment data) {
      return new Tensor(name, SafetensorsType.F32, shape, data);
    }
  }

  private SafetensorsWriter() {}

  /**
   * Writes {@code path} anew and returns when the bytes are on the disk. A file that was there is overwritten in place: who
   * wants all or nothing writes beside it and renames.
   *
   * @throws IllegalArgumentException if two tensors share a name, or one is not as large as its shape says
   * @throws UserException if the file system refuses (a full disk, for example); what was written so far stays
   */
  public static void write(Path path, Map<String, String> metadata, List<Tensor> tensors) {
    byte[] header = header(metadata, tensors);
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      writeFully(channel, ByteBuffer.wrap(header));
      for (Tensor tensor : tensors) {
        long size = tensor.data.byteSize();
        for (long at = 0; at < size; at += CHUNK) {
          writeFully(channel, tensor.data.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer());
        }
      }
      channel.force(true);
    } catch (IOException e) {
      throw new UserException(path + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The length field, the JSON and its padding. */
  private static byte[] header(Map<String, String> metadata, List<Tensor> tensors) {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode notes = root.putObject(SafetensorsHeader.METADATA);
      metadata.forEach(notes::put);
    }
    long offset = 0;
    for (Tensor tensor : tensors) {
      if (root.has(tensor.name) || tensor.name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("two tensors are called " + tensor.name);
      }
      long bytes = tensor.type.bytes(Arrays.stream(tensor.shape.dims()).asLongStream().boxed().toList());
      if (bytes != tensor.data.byteSize()) {
        String found = tensor.data.byteSize() + " bytes for " + tensor.type + tensor.shape;
        throw new IllegalArgumentException("tensor " + tensor.name + ": found " + found + ", expected " + bytes);
      }
      ObjectNode entry = root.putObject(tensor.name);
      entry.put("dtype", tensor.type.name());
      ArrayNode shape = entry.putArray("shape");
      Arrays.stream(tensor.shape.dims()).forEach(shape::add);
      entry.putArray("data_offsets").add(offset).add(offset + bytes);
      offset += bytes;
    }
    byte[] json = JSON.writeValueAsBytes(root);
    int end = (SafetensorsHeader.LENGTH_BYTES + json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] header = new byte[end];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(end - SafetensorsHeader.LENGTH_BYTES)
        .put(json);
    return header;
  }
}
