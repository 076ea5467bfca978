package kiln.data.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import kiln.bindings.UserException;

/**
 * {@code images/ab/<sha256>.<ext>}: pictures named by their content, each there once. A file is written aside, forced to the disk
 * and renamed, so that a file under its name is whole.
 */
final class PictureStore {
  private static final String IMAGES = "images";
  private static final String ASIDE = ".partial";

  private final Path folder;
  private final Path aside;
  private final long maxBytes;
  private final AtomicLong number = new AtomicLong();
  private long bytes;

  /**
   * @param maxBytes of all pictures, those included that are there already
   * @throws UserException if the folder cannot be written
   */
  PictureStore(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    aside = folder.resolve(ASIDE);
    try {
      clean();
      Files.createDirectories(aside);
      bytes = size(folder.resolve(IMAGES));
    } catch (IOException e) {
      throw failure(aside, e);
    }
  }

  private static long size(Path images) throws IOException {
    long[] size = {0};
    if (Files.isDirectory(images)) {
      Files.walkFileTree(
          images,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              size[0] += attributes.size();
              return FileVisitResult.CONTINUE;
            }
          });
    }
    return size[0];
  }

  /** Whether it is there with its whole length. */
  static boolean holds(Path folder, LogLine line) {
    try {
      return Files.size(folder.resolve(line.file())) == line.bytes();
    } catch (IOException e) {
      return false;
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  /** A file that is being written. */
  Part begin() {
    return new Part(aside.resolve(number.getAndIncrement() + ".part"));
  }

  /** Takes the place for unfinished files away, when nothing is being written any more. */
  void finish() {
    try {
      clean();
    } catch (IOException e) {
      throw failure(aside, e);
    }
  }

  private void clean() throws IOException {
    if (Files.isDirectory(aside)) {
      try (var parts = Files.list(aside)) {
        for (Path part : parts.toList()) {
          Files.delete(part);
        }
      }
      Files.delete(aside);
    }
  }

  private static UserException failure(Path file, IOException cause) {
    return new UserException(file + ": cannot be written (" + cause.getMessage() + ")", cause);
  }

  /** A picture on its way; gone when it is closed before it was kept. */
  final class Part implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private boolean kept;

    private Part(Path file) {
      this.file = file;
      try {
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw failure(file, e);
      }
    }

    /**
     * @throws UserException if the disk is full
     */
    void write(byte[] buffer, int length) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        throw failure(file, e);
      }
    }

    /**
     * Gives the file its name.
     *
     * @throws FolderFullException if the pictures would be more than their limit
     * @throws UserException if the disk is full
     */
    Response.Stored keep(int http, String sha256, String extension) throws FolderFullException {
      String name = IMAGES + "/" + sha256.substring(0, 2) + "/" + sha256 + "." + extension;
      Path target = folder.resolve(name);
      try {
        long size = channel.size();
        if (Files.exists(target) && Files.size(target) == size) {
          return new Response.Stored(http, sha256, name, size);
        }
        channel.force(true);
        Files.createDirectories(target.getParent());
        synchronized (PictureStore.this) {
          boolean duplicate = Files.exists(target) && Files.size(target) == size;
          if (!duplicate) {
            if (size > maxBytes - bytes) {
              throw new FolderFullException();
            }
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            kept = true;
            bytes += size;
          }
          return new Response.Stored(http, sha256, name, size);
        }
      } catch (IOException e) {
        throw failure(target, e);
      }
    }

    @Override
    public void close() {
      try (channel) {
        if (!kept) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw failure(file, e);
      }
    }
  }
}
