package kiln.model.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import kiln.bindings.UserException;

/** Writes files whole or not at all: beside their place, forced to the disk, then renamed. */
final class WholeFile {
  /** What a file is filled with. */
  @FunctionalInterface
  interface Body<T> {
    T write(FileChannel channel) throws IOException;
  }

  private WholeFile() {}

  /**
   * Puts a file in place of what was there, and returns when its bytes are on the disk. The name is durable when the folder has
   * been synced.
   *
   * @return what {@code body} returns
   * @throws UserException if the file system refuses
   */
  static <T> T write(Path path, Body<T> body) {
    Path partial = path.resolveSibling("." + path.getFileName() + ".partial");
    try {
      T result = fill(partial, body);
      Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return result;
    } catch (IOException e) {
      throw new UserException(path + ": cannot be written (" + e.getMessage() + ")", e);
    } finally {
      delete(partial);
    }
  }

  private static <T> T fill(Path partial, Body<T> body) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      T result = body.write(channel);
      channel.force(true);
      return result;
    }
  }

  /** Writes all that remains in {@code bytes}. */
  static void append(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Removes a file if it is there. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be deleted (" + e.getMessage() + ")", e);
    }
  }
}
