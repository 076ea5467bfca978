package kiln.model.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import kiln.bindings.UserException;

/**
 * Appends tensors to a file, a piece at a time, and finds their checksums while each piece is in the processor's cache. What lies
 * in memory is written from where it lies; anything else passes through one piece of memory.
 */
final class TensorOutput implements AutoCloseable {
  /** Bytes that are fetched, checked and written at a time. */
  private static final long PIECE = 1L << 20;

  private static final int ALIGNMENT = 64;

  private final Path path;
  private final FileChannel channel;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment piece = arena.allocate(PIECE, ALIGNMENT);

  /**
   * @param path named in messages
   * @param channel at the place of the first tensor; the owner closes it
   */
  TensorOutput(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Appends a tensor.
   *
   * @return the CRC-32C of its bytes
   * @throws UserException if its type cannot hold one of its numbers
   */
  int append(SafetensorsWriter.Tensor tensor) throws IOException {
    CRC32C checksum = new CRC32C();
    Optional<MemorySegment> inPlace = tensor.data().inPlace();
    long bytes = tensor.bytes();
    for (long at = 0; at < bytes; at += PIECE) {
      long n = Math.min(PIECE, bytes - at);
      ByteBuffer part = (inPlace.isPresent() ? inPlace.get().asSlice(at, n) : fetch(tensor, at, n)).asByteBuffer();
      checksum.update(part.duplicate());
      WholeFile.append(channel, part);
    }
    return (int) checksum.getValue();
  }

  private MemorySegment fetch(SafetensorsWriter.Tensor tensor, long at, long n) {
    MemorySegment part = piece.asSlice(0, n);
    try {
      tensor.data().read(at, part);
      return part;
    } catch (TensorCast.OutOfRangeException e) {
      throw new UserException(path + ": tensor " + tensor.name() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
