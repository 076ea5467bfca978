package kiln.model.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors files of any size through a few megabytes of memory.
 *
 * <p>The header lists the tensors in the order given. The data starts at a multiple of 64 bytes, because the header is
 * padded with spaces; the format allows no gaps after that, so the tensors whose size is a multiple of 64 bytes come first,
 * then the others by the width of their elements: the former start at multiples of 64, the latter at multiples of their
 * elements.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 64;

  /** Bytes that are fetched and written at a time. */
  private static final long PIECE = 1L << 22;

  private static final JsonMapper JSON = JsonMapper.builder().build();

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

  private SafetensorsWriter() {}

  /**
   * Writes {@code path} whole or not at all, in place of what was there, and returns when the bytes are on the disk. The name
   * is durable when the folder has been synced.
   *
   * @throws IllegalArgumentException if two tensors share a name
   * @throws UserException if the file system refuses (a full disk, for example), or a type cannot hold a tensor's number
   */
  public static void write(Path path, Map<String, String> metadata, List<Tensor> tensors) {
    List<Tensor> order = new ArrayList<>(tensors);
    order.sort(
        Comparator.comparing((Tensor tensor) -> tensor.bytes() % ALIGNMENT != 0)
            .thenComparing(tensor -> tensor.bytes() % ALIGNMENT == 0 ? 0 : -tensor.type.bits()));
    byte[] header = header(metadata, tensors, order);
    Path partial = path.resolveSibling("." + path.getFileName() + ".partial");
    try {
      write(path, partial, header, order);
      Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UserException(path + ": cannot be written (" + e.getMessage() + ")", e);
    } finally {
      delete(partial);
    }
  }

  private static void write(Path path, Path partial, byte[] header, List<Tensor> order) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        Arena arena = Arena.ofConfined()) {
      writeFully(channel, ByteBuffer.wrap(header));
      MemorySegment piece = arena.allocate(PIECE, ALIGNMENT);
      for (Tensor tensor : order) {
        long bytes = tensor.bytes();
        for (long at = 0; at < bytes; at += PIECE) {
          MemorySegment part = piece.asSlice(0, Math.min(PIECE, bytes - at));
          fetch(path, tensor, at, part);
          writeFully(channel, part.asByteBuffer());
        }
      }
      channel.force(true);
    }
  }

  private static void fetch(Path path, Tensor tensor, long at, MemorySegment into) {
    try {
      tensor.data.read(at, into);
    } catch (TensorCast.OutOfRangeException e) {
      throw new UserException(path + ": tensor " + tensor.name + ": " + e.getMessage(), e);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void delete(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      throw new UserException(partial + ": cannot be deleted (" + e.getMessage() + ")", e);
    }
  }

  /** The length field, the JSON and its padding. */
  private static byte[] header(Map<String, String> metadata, List<Tensor> tensors, List<Tensor> order) {
    Map<Tensor, Long> offsets = new HashMap<>();
    long offset = 0;
    for (Tensor tensor : order) {
      offsets.put(tensor, offset);
      offset += tensor.bytes();
    }
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode notes = root.putObject(SafetensorsHeader.METADATA);
      metadata.forEach(notes::put);
    }
    for (Tensor tensor : tensors) {
      if (root.has(tensor.name) || tensor.name.equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("two tensors are called " + tensor.name);
      }
      ObjectNode entry = root.putObject(tensor.name);
      entry.put("dtype", tensor.type.name());
      ArrayNode shape = entry.putArray("shape");
      Arrays.stream(tensor.shape.dims()).forEach(shape::add);
      long begin = offsets.get(tensor);
      entry.putArray("data_offsets").add(begin).add(begin + tensor.bytes());
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
