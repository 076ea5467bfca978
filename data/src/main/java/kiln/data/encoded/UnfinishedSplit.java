package kiln.data.encoded;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.queue.MalformedRecordException;
import kiln.data.queue.RecordWriter;

/**
 * The parts of a split while they are made, by several writers and over several attempts: {@code part-ATTEMPT-RANK}, a queue
 * each. Nobody appends to the queue of an earlier attempt, which may end in a torn record.
 */
public final class UnfinishedSplit {
  private static final String PREFIX = "part-";

  private final Path folder;
  private final byte[] key;

  /**
   * @param folder of the split; made if absent
   * @param key SHA-256 of source and models
   */
  public UnfinishedSplit(Path folder, byte[] key) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.key = key.clone();
  }

  /** Where a rank writes in an attempt. */
  public static Path part(Path split, int attempt, int rank) {
    return split.resolve("%s%03d-%03d".formatted(PREFIX, attempt, rank));
  }

  /** The number of the next attempt, from 1. */
  public int nextAttempt() throws IOException {
    int last = 0;
    for (Path part : parts()) {
      String[] numbers = part.getFileName().toString().split("-");
      last = Math.max(last, Integer.parseInt(numbers[1]));
    }
    return last + 1;
  }

  private List<Path> parts() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(p -> p.getFileName().toString().matches(PREFIX + "\\d+-\\d+")).sorted().toList();
    }
  }

  /**
   * The numbers of the source's blocks that are there and sound, every byte of which is read. A block that is damaged, of other
   * models, or there twice is marked so that no reader sees it; a part without a sound block is deleted. No writer may be at
   * work.
   */
  public BitSet sound() throws IOException {
    BitSet found = new BitSet();
    for (Path part : parts()) {
      try (Arena arena = Arena.ofConfined()) {
        if (!keepSound(part, arena, found)) {
          delete(part);
        }
      }
    }
    return found;
  }

  /** Whether there is a sound block in the part that {@code found} did not have yet. */
  private boolean keepSound(Path part, Arena arena, BitSet found) throws IOException {
    List<MappedPart.Record> records;
    try {
      records = MappedPart.open(part, arena).records();
    } catch (UserException e) {
      return false; // its writer ended before the queue had its files
    }
    boolean any = false;
    for (MappedPart.Record record : records) {
      int number = soundBlock(record);
      if (number >= 0 && !found.get(number)) {
        found.set(number);
        any = true;
      } else {
        giveUp(record);
      }
    }
    return any;
  }

  /** Its number in the source; negative if it is not sound. */
  private int soundBlock(MappedPart.Record record) {
    try {
      EncodedBlock block = EncodedBlock.at(record.memory());
      boolean sound = Arrays.equals(block.key(), key) && block.checksumHolds();
      return sound ? Math.toIntExact(block.sourceBlock()) : -1;
    } catch (MalformedRecordException e) {
      return -1;
    }
  }

  private static void giveUp(MappedPart.Record record) throws IOException {
    if (record.memory().byteSize() < Long.BYTES) {
      throw new UserException(record.file() + ": has a record of " + record.memory().byteSize() + " bytes; delete the file's folder");
    }
    ByteBuffer magic = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(EncodedLayout.VOID_MAGIC).flip();
    try (FileChannel channel = FileChannel.open(record.file(), StandardOpenOption.WRITE)) {
      channel.write(magic, record.offset());
    }
  }

  private static void delete(Path part) throws IOException {
    try (Stream<Path> tree = Files.walk(part)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /**
   * Cuts all files to what is used, and forces them to disk.
   *
   * @return sizes by name below the split's folder
   */
  public Map<String, Long> finish() throws IOException {
    Map<String, Long> files = new TreeMap<>();
    for (Path part : parts()) {
      RecordWriter.cut(part, end(part));
      try (Stream<Path> entries = Files.list(part)) {
        for (Path file : entries.toList()) {
          files.put(folder.relativize(file).toString(), Files.size(file));
        }
      }
    }
    return files;
  }

  private static long end(Path part) {
    try (Arena arena = Arena.ofConfined()) {
      return MappedPart.open(part, arena).records().stream()
          .mapToLong(record -> record.offset() + record.memory().byteSize())
          .max()
          .orElse(0);
    }
  }
}
