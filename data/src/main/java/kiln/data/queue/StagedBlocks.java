package kiln.data.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import kiln.bindings.UserException;

/**
 * Copies of blocks on a disk of this node, made by a thread beside training in the order in which the steps of this process need them.
 * A step waits for its own blocks only. Processes of a node share the folder: a block is copied once, whoever needs it first.
 *
 * <p>Copies stay as long as there is room. When there is none, those that were used longest ago make place; what finds no place even so
 * is read from where it is.
 */
public final class StagedBlocks implements AutoCloseable {
  /** Room that is left to others. */
  private static final long SPARE = 64 << 20;

  private static final String PREFIX = "block-";
  private static final String PART = ".part";
  private static final long PATIENCE_MILLIS = 20;

  /** Steps that are staged ahead at most: every block is a mapping of its own, of which a process may have some ten thousand. */
  private static final long MOST_AHEAD = 512;

  private final Blocks source;
  private final Path folder;
  private final Needs needs;
  private final long first;
  private final long end;
  private final Map<Long, Copy> copies = new HashMap<>(); // guarded by this, as is all below
  private long current;
  private boolean closed;
  private RuntimeException failure;
  private final AtomicLong copiedBytes = new AtomicLong();
  private final AtomicLong direct = new AtomicLong();
  private final Thread thread = Thread.ofPlatform().name("kiln-stage").daemon().unstarted(this::run);

  /** Which blocks a step of this process needs. */
  @FunctionalInterface
  public interface Needs {
    Set<Long> of(long step);
  }

  /** A block in its place; without an arena of its own if it was left where it is. */
  private record Copy(Block block, Arena arena, long lastStep) {}

  /**
   * @param dir folder on the node's disk; made if absent
   * @param first step, and {@code end}, the one behind the last
   * @throws UserException if the folder cannot be made
   */
  public StagedBlocks(Blocks source, Path dir, Needs needs, long first, long end) {
    this.source = source;
    this.needs = needs;
    this.first = first;
    this.end = end;
    this.current = first;
    folder = dir.resolve("kiln-" + ScheduleHash.fingerprint(source, source.numBlocks()));
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserException("option --stage: " + dir + " cannot be made: " + e.getMessage(), e);
    }
    thread.start();
  }

  /**
   * A block that {@code step} needs; waits until it is there.
   *
   * @throws UserException if the block is damaged where it comes from
   */
  public synchronized Block block(long number, long step) {
    reach(step);
    while (!copies.containsKey(number)) {
      if (failure != null) {
        throw failure;
      }
      if (closed) {
        throw new IllegalStateException("closed");
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    return copies.get(number).block;
  }

  private void reach(long step) {
    if (step > current) {
      current = step;
      notifyAll();
    }
  }

  private void run() {
    try {
      for (long step = first; step < end; step++) {
        for (long number : needs.of(step)) {
          if (!stage(number, step)) {
            return;
          }
        }
      }
    } catch (RuntimeException e) {
      fail(e);
    } catch (IOException e) {
      fail(new UserException("option --stage: " + folder + ": " + Manifest.firstLine(e), e));
    } catch (InterruptedException e) {
      // closed
    }
  }

  private synchronized void fail(RuntimeException e) {
    failure = e;
    notifyAll();
  }

  /** Returns false when closed. */
  private boolean stage(long number, long step) throws IOException, InterruptedException {
    while (true) {
      synchronized (this) {
        if (closed) {
          return false;
        }
        dropUsed();
        if (step > current + MOST_AHEAD) {
          wait(PATIENCE_MILLIS);
          continue;
        }
        Copy there = copies.get(number);
        if (there != null && (there.arena != null || step > current)) {
          copies.put(number, new Copy(there.block, there.arena, step));
          return true;
        }
      }
      Arena arena = Arena.ofShared();
      Block block = copy(number, arena);
      if (block == null) {
        arena.close();
      }
      synchronized (this) {
        if (block != null) {
          copies.put(number, new Copy(block, arena, step));
          notifyAll();
          return true;
        }
        if (step <= current) {
          copies.put(number, new Copy(source.block(number), null, step));
          direct.incrementAndGet();
          notifyAll();
          return true;
        }
        wait(PATIENCE_MILLIS); // for another process, or for steps that let go of blocks
      }
    }
  }

  /** Unmaps blocks that no step from the one before the current on needs; their files stay. */
  private void dropUsed() {
    copies.values().removeIf(
        copy -> {
          boolean used = copy.lastStep < current - 1;
          if (used && copy.arena != null) {
            copy.arena.close();
          }
          return used;
        });
  }

  /** Null if there is no room, or another process is copying it now. */
  private Block copy(long number, Arena arena) throws IOException {
    Block original = source.block(number);
    Path file = folder.resolve(PREFIX + number);
    Block there = open(file, original, arena);
    if (there != null) {
      return there;
    }
    Path part = folder.resolve(PREFIX + number + PART);
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel)) {
      if (lock == null || !makeRoom(original.byteSize())) {
        return null;
      }
      channel.truncate(0);
      if (!write(channel, original.memory())) {
        channel.truncate(0);
        return null;
      }
      if (!Files.exists(file)) {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        copiedBytes.addAndGet(original.byteSize());
      } else {
        Files.deleteIfExists(part);
      }
    }
    Block copy = open(file, original, arena);
    if (copy != null && !copy.checksumHolds()) {
      Files.deleteIfExists(file);
      throw new UserException(source.folder() + ": block " + number + " is damaged: its CRC-32C does not match its bytes");
    }
    return copy;
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Returns false if the disk is full. */
  private static boolean write(FileChannel channel, MemorySegment block) {
    ByteBuffer bytes = block.asByteBuffer();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** A copy that is whole; null if there is none. */
  private static Block open(Path file, Block original, Arena arena) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != original.byteSize()) {
        return null;
      }
      Block block = Block.at(channel.map(FileChannel.MapMode.READ_ONLY, 0, original.byteSize(), arena));
      return block.checksum() == original.checksum() && block.bucket().equals(original.bucket()) ? block : null;
    } catch (NoSuchFileException | MalformedRecordException e) {
      return null; // another process has made place, or left something else there
    }
  }

  private boolean makeRoom(long bytes) throws IOException {
    if (hasRoom(bytes)) {
      return true;
    }
    Set<String> kept = new HashSet<>();
    synchronized (this) {
      copies.keySet().forEach(number -> kept.add(PREFIX + number));
    }
    List<Path> others = new ArrayList<>();
    try (var files = Files.list(folder)) {
      files.filter(file -> !kept.contains(file.getFileName().toString()) && !file.toString().endsWith(PART)).forEach(others::add);
    }
    Map<Path, Long> ages = new HashMap<>();
    others.forEach(file -> ages.put(file, age(file)));
    others.sort(Comparator.comparing(ages::get));
    for (Path file : others) {
      Files.deleteIfExists(file);
      if (hasRoom(bytes)) {
        return true;
      }
    }
    return false;
  }

  private static long age(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean hasRoom(long bytes) throws IOException {
    return Files.getFileStore(folder).getUsableSpace() >= bytes + Math.min(SPARE, Files.getFileStore(folder).getTotalSpace() / 20);
  }

  /** As in {@code staged 12.0 MB into /local/kiln-…}. */
  public String describe() {
    String line = String.format(Locale.ROOT, "staged %.1f MB into %s", copiedBytes() * 1e-6, folder);
    return directBlocks() == 0 ? line : line + "; " + directBlocks() + " blocks were read where they are, for want of room";
  }

  /** Bytes that this process has copied. */
  public long copiedBytes() {
    return copiedBytes.get();
  }

  /** Blocks that were read from where they are, for want of room. */
  public long directBlocks() {
    return direct.get();
  }

  /** Stops copying, and unmaps; the copies stay for the next run. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    copies.values().forEach(copy -> {
      if (copy.arena != null) {
        copy.arena.close();
      }
    });
    copies.clear();
  }
}
