package kiln.bench.chaos;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A small file system of its own that can be filled, broken, slowed down and frozen. Takes root. */
final class SmallDisk implements AutoCloseable {
  private static final String FILLER = "filler";
  private static final String THROTTLE = "blkio.throttle.write_bps_device";

  /** Block I/O limits, as version 1 of cgroups has them: they hold for one device, whoever writes. */
  private static final Path LIMITS = Path.of("/sys/fs/cgroup/blkio").resolve(THROTTLE);

  private final Path at;
  private final Path image; // null in memory
  private final String device; // of the image
  private final Thread end = new Thread(this::release);

  private SmallDisk(Path at, Path image, String device) {
    this.at = at;
    this.image = image;
    this.device = device;
    Runtime.getRuntime().addShutdownHook(end);
  }

  /** A tmpfs, mounted on {@code at}, which is made. */
  static SmallDisk inMemory(Path at, int megabytes) throws IOException {
    Files.createDirectories(at);
    Shell.run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m,mode=755", "tmpfs", at.toString());
    return new SmallDisk(at, null, null);
  }

  /** An ext4 in a file of its own, mounted on {@code at}, which is made. */
  static SmallDisk ext4(Path at, Path image, int megabytes) throws IOException {
    Files.createDirectories(at);
    Shell.run("truncate", "-s", megabytes + "M", image.toString());
    Shell.run("mkfs.ext4", "-q", "-F", image.toString());
    String device = Shell.run("losetup", "--find", "--show", image.toString());
    SmallDisk disk = new SmallDisk(at, image, device);
    disk.mount();
    Files.delete(at.resolve("lost+found"));
    return disk;
  }

  /** Why a disk cannot be had here. */
  static Optional<String> obstacle(Path root, boolean ext4) {
    Path at = root.resolve("try");
    Path file = root.resolve("try.img");
    try (SmallDisk _ = ext4 ? ext4(at, file, 8) : inMemory(at, 1)) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      String why = e.getMessage().lines().findFirst().orElse("");
      return Optional.of("no file system can be mounted here, which takes root (" + why + ")");
    }
  }

  private void mount() {
    Shell.run("mount", "-t", "ext4", device, at.toString());
  }

  /** Takes all room but {@code free} bytes. */
  void fill(long free) throws IOException {
    try (SeekableByteChannel file =
        Files.newByteChannel(at.resolve(FILLER), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      FileStore store = Files.getFileStore(at);
      ByteBuffer block = ByteBuffer.allocate(64 << 10);
      while (store.getUsableSpace() - free >= block.capacity()) {
        block.clear();
        file.write(block);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space")) { // the run took it meanwhile, and that is what is wanted
        throw e;
      }
    }
  }

  void free() throws IOException {
    Files.delete(at.resolve(FILLER));
  }

  /** What ext4 does by itself when it finds itself damaged: from now on it is read-only, for files that are open too. */
  void breakDown() {
    Shell.run("mount", "-o", "remount,abort", at.toString());
  }

  /** What an administrator does then. */
  void repair() {
    Shell.run("umount", at.toString());
    Shell.Result check = Shell.result("e2fsck", "-f", "-y", device);
    if (check.status() > 1) { // 1: found errors and corrected them
      throw new IllegalStateException("e2fsck: " + check.output());
    }
    mount();
  }

  /** Whether {@link #slowDown} can be had here. */
  static boolean canThrottle() {
    return Files.isWritable(LIMITS);
  }

  /** Lets the device write no more than this in a second; 0 for no limit. */
  void slowDown(long bytesPerSecond) throws IOException {
    String number = Files.readString(Path.of("/sys/class/block", Path.of(device).getFileName().toString(), "dev")).strip();
    Files.writeString(LIMITS, number + " " + bytesPerSecond);
  }

  /** Whoever writes waits, until {@link #thaw}. */
  void freeze() {
    Shell.run("fsfreeze", "--freeze", at.toString());
  }

  void thaw() {
    Shell.run("fsfreeze", "--unfreeze", at.toString());
  }

  private void release() {
    if (device != null) {
      Shell.result("fsfreeze", "--unfreeze", at.toString());
    }
    if (!Shell.can("umount", at.toString())) {
      Shell.result("umount", "--lazy", at.toString());
    }
    if (device != null) {
      Shell.result("losetup", "--detach", device);
    }
  }

  /** What is on it is gone. */
  @Override
  public void close() throws IOException {
    if (device != null && canThrottle()) {
      slowDown(0);
    }
    release();
    Runtime.getRuntime().removeShutdownHook(end);
    if (image != null) {
      Files.delete(image);
    }
  }
}
