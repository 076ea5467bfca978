package kiln.launcher.encode;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import kiln.bindings.UserException;
import kiln.data.encoded.Origin;
import kiln.launcher.checkpoint.DurableFiles;
import kiln.launcher.preset.PresetJson;
import tools.jackson.core.JacksonException;

/**
 * The folder beside the wanted one in which a data set is encoded, over several attempts if need be. It says what it was begun
 * with, and takes its name only when it is complete.
 */
final class PartialFolder implements AutoCloseable {
  private static final String ORIGIN = "origin.json";
  private static final String LOCK = "lock";

  private final Path path;
  private final Path target;
  private final FileChannel lock;
  private final boolean isNew;

  private PartialFolder(Path path, Path target, FileChannel lock, boolean isNew) {
    this.path = path;
    this.target = target;
    this.lock = lock;
    this.isNew = isNew;
  }

  /** Where it lies. */
  static Path of(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".partial");
  }

  /**
   * Makes it, or goes on with the one that is there.
   *
   * @throws UserException if it was begun with other models or data, or somebody is at work in it
   */
  static PartialFolder open(Path target, Origin origin) throws IOException {
    Path path = of(target);
    Path begun = path.resolve(ORIGIN);
    if (Files.exists(path)) {
      checkSame(path, begun, origin);
    }
    Files.createDirectories(path);
    FileChannel lock = lock(path);
    boolean isNew = !Files.exists(begun);
    if (isNew) {
      Path aside = path.resolve(ORIGIN + ".part");
      Files.write(aside, PresetJson.MAPPER.writeValueAsBytes(origin));
      DurableFiles.rename(aside, begun);
    }
    return new PartialFolder(path, target, lock, isNew);
  }

  private static void checkSame(Path path, Path begun, Origin origin) throws IOException {
    if (!Files.exists(begun)) {
      try (var entries = Files.list(path)) {
        if (entries.anyMatch(p -> !p.getFileName().toString().matches(LOCK + "|" + ORIGIN + ".part"))) {
          throw new UserException(path + ": has no " + ORIGIN + ", so kiln data encode did not begin it; delete it");
        }
      }
      return;
    }
    Origin found;
    try {
      found = PresetJson.MAPPER.readValue(begun, Origin.class);
    } catch (JacksonException e) {
      throw new UserException(begun + ": cannot be read; delete " + path, e);
    }
    if (!found.keyText().equals(origin.keyText())) {
      throw new UserException(path + ": begun with another " + difference(found, origin) + "; delete it or choose another --out");
    }
  }

  private static String difference(Origin found, Origin wanted) {
    if (!found.data().equals(wanted.data())) {
      return "version of the data";
    }
    if (!found.vae().equals(wanted.vae())) {
      return "autoencoder";
    }
    return found.precision().equals(wanted.precision()) ? "text encoder, or none" : "precision";
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this process.
    }
    channel.close();
    throw new UserException(path + ": another kiln data encode is at work there");
  }

  Path path() {
    return path;
  }

  /** Leaves nothing behind of a request that was refused, unless an earlier one has left something. */
  void refuse() throws IOException {
    if (isNew) {
      DurableFiles.deleteTree(path);
    }
  }

  /** Gives it its name. */
  void finish() throws IOException {
    Files.deleteIfExists(path.resolve(ORIGIN));
    Files.deleteIfExists(path.resolve(LOCK));
    DurableFiles.forceTree(path);
    Files.deleteIfExists(target);
    DurableFiles.rename(path, target);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
