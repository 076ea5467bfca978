package kiln.launcher.doctor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Whether a folder keeps what Kiln's checkpoints rely on, by trying it: that a file can be written and synced, and that renaming
 * one over another replaces it at once for whoever looks. What it writes for that is removed again.
 */
final class FolderTrial {
  private static final double GIB = 1L << 30;
  private static final long LITTLE = 2L << 30;
  private static final long TOO_LITTLE = 64L << 20;
  private static final int SYNCS = 5;
  private static final int RENAMES = 100;
  private static final int BYTES = 4096;
  private static final double SLOW_MILLIS = 200;

  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");
  private static final Set<String> NOT_FOR_THIS = Set.of("vfat", "exfat", "fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse");

  private final Path folder;
  private final String subject;

  FolderTrial(Path folder) {
    this.folder = folder;
    this.subject = "folder " + folder;
  }

  Finding examine() {
    Path there = folder; // what is not there yet is made in the one above
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    if (there == null || !Files.isDirectory(there)) {
      String found = (there == null ? folder : there) + " is no folder";
      return Finding.wrong(subject, found, "name another one: --folder DIR");
    }
    try {
      FileStore store = Files.getFileStore(there);
      String type = store.type();
      if (store.isReadOnly()) {
        return Finding.wrong(subject, type + ", read-only", "mount -o remount,rw, or name another one: --folder DIR");
      }
      String prefix = there.equals(folder) ? "" : "not there yet; " + there + ": ";
      return tried(there, prefix + type, store.getUsableSpace(), type);
    } catch (IOException | SecurityException e) {
      return Finding.wrong(subject, "cannot be looked at (" + e + ")", "name another one: --folder DIR");
    }
  }

  private Finding tried(Path there, String found, long free, String type) {
    double millis;
    Path trial = null;
    try {
      trial = Files.createTempDirectory(there, ".kiln-doctor-");
      millis = sync(trial);
      if (!renamesAtOnce(trial)) {
        String gone = ", a renamed file is not there for a moment";
        return Finding.wrong(subject, found + gone, "a local disk or NFS, for checkpoints");
      }
    } catch (IOException e) {
      String why = ", cannot be written (" + reason(e) + ")";
      return Finding.wrong(subject, found + why, "chown or chmod it, or --folder DIR");
    } finally {
      delete(trial);
    }
    String tried = String.format(Locale.ROOT, ", %.1f GiB free, fsync %.1f ms, renames at once", free / GIB, millis);
    return judged(found + tried, free, millis, type);
  }

  private Finding judged(String found, long free, double millis, String type) {
    if (free < TOO_LITTLE) {
      return Finding.wrong(subject, found, "make room: nothing can be saved there");
    }
    List<String> advice = new ArrayList<>();
    if (free < LITTLE) {
      advice.add("make room: two checkpoints of a large preset take more");
    }
    if (IN_MEMORY.contains(type)) {
      advice.add("save runs on a disk: what is in memory is gone when the machine stops");
    }
    if (type.equals("overlay")) {
      advice.add("mount a folder of the host: what is in a container is gone with it");
    }
    if (NOT_FOR_THIS.contains(type)) {
      advice.add("a local disk or NFS: " + type + " may lose what was synced");
    }
    if (millis > SLOW_MILLIS) {
      advice.add("another disk: a checkpoint waits for many such syncs");
    }
    return advice.isEmpty() ? Finding.fine(subject, found) : Finding.warning(subject, found, String.join("; ", advice));
  }

  /** How long it takes to write and sync a small file and then its folder, in milliseconds; the median of some. */
  private static double sync(Path trial) throws IOException {
    double[] millis = new double[SYNCS];
    for (int i = 0; i < SYNCS; i++) {
      long begun = System.nanoTime();
      write(trial.resolve("synced-" + i), (byte) i, true);
      try (FileChannel directory = FileChannel.open(trial, StandardOpenOption.READ)) {
        directory.force(true);
      }
      millis[i] = (System.nanoTime() - begun) / 1e6;
    }
    Arrays.sort(millis);
    return millis[SYNCS / 2];
  }

  /** Whether somebody who looks while one file replaces another again and again always finds either, and the whole of it. */
  static boolean renamesAtOnce(Path trial) throws IOException {
    Path target = trial.resolve("target");
    write(target, (byte) 0, false);
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Boolean> looking = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("doctor-looks").start(() -> looking.complete(isAlwaysWhole(target, over)));
    try {
      for (int i = 1; i <= RENAMES; i++) {
        Path next = trial.resolve("next");
        write(next, (byte) i, false);
        Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      over.set(true);
    }
    return looking.join() && Files.readAllBytes(target)[0] == RENAMES;
  }

  private static boolean isAlwaysWhole(Path target, AtomicBoolean over) {
    try {
      do {
        byte[] seen = Files.readAllBytes(target);
        for (byte one : seen) {
          if (one != seen[0]) {
            return false;
          }
        }
        if (seen.length != BYTES) {
          return false;
        }
      } while (!over.get());
      return true;
    } catch (IOException e) {
      return false; // it was not there
    }
  }

  private static void write(Path file, byte value, boolean sync) throws IOException {
    byte[] bytes = new byte[BYTES];
    Arrays.fill(bytes, value);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes));
      if (sync) {
        channel.force(true);
      }
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException || e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static void delete(Path trial) {
    if (trial == null) {
      return;
    }
    try (Stream<Path> files = Files.list(trial)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(trial);
    } catch (IOException e) {
      // It says so itself in the next line: the folder cannot be written.
    }
  }
}
