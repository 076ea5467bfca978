package kiln.data.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import kiln.data.Pixels;

/**
 * Pictures that wait in a file until they are wanted, in places of one size. With many buckets, the samples whose blocks are not full
 * yet are more than memory holds. The file is gone when the process is.
 */
final class Scratch implements AutoCloseable {
  private static final String FILE = "waiting.tmp";

  private final Path file;
  private final long placeBytes;
  private final ArrayDeque<Long> free = new ArrayDeque<>();
  private FileChannel channel; // null before the first picture
  private long numPlaces;

  /**
   * @param folder where the file is
   * @param placeBytes bytes of the largest picture
   */
  Scratch(Path folder, long placeBytes) {
    this.file = folder.resolve(FILE);
    this.placeBytes = placeBytes;
  }

  /** A picture that lies in the file. */
  private final class Kept implements Pixels {
    private final long place;

    Kept(long place) {
      this.place = place;
    }

    @Override
    public void writeTo(MemorySegment target) {
      ByteBuffer buffer = target.asByteBuffer();
      try {
        long at = place * placeBytes;
        while (buffer.hasRemaining()) {
          int read = channel.read(buffer, at + buffer.position());
          if (read < 0) {
            throw new IOException(file + ": shorter than expected");
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Puts a picture into the file.
   *
   * @return the same, to be given to {@link #release} when it is not wanted any more
   */
  Pixels keep(Pixels pixels, long bytes) throws IOException {
    if (channel == null) {
      Files.createDirectories(file.getParent());
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      Files.deleteIfExists(file); // while it is open: nothing is left however the process ends
    }
    long place = free.isEmpty() ? numPlaces++ : free.pop();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(bytes);
      pixels.writeTo(memory);
      ByteBuffer buffer = memory.asByteBuffer();
      while (buffer.hasRemaining()) {
        channel.write(buffer, place * placeBytes + buffer.position());
      }
    }
    return new Kept(place);
  }

  /** Gives up a picture's place; returns whether it has one. */
  boolean release(Pixels pixels) {
    if (pixels instanceof Kept kept) {
      free.push(kept.place);
      return true;
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
