package kiln.data.queue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.data.Bucket;

/**
 * The blocks that earlier runs of the same preparation have left in a split: sound ones are kept, and what is not sound is taken out
 * of the way, so that its drafts are made again.
 */
public final class KeptBlocks {
  private final BitSet numbers = new BitSet();
  private final BitSet drafts = new BitSet();
  private final Map<Bucket, OfBucket> buckets = new HashMap<>();
  private final List<Part> parts = new ArrayList<>();
  private final Map<Integer, Integer> nextRun = new HashMap<>();
  private long samples;
  private long repeated;
  private long bytes;

  /** Where a block lies. */
  record Place(Path file, long at, long bytes) {}

  /** What is known about a bucket. */
  static final class OfBucket {
    long samples;
    long firstDraft = Long.MAX_VALUE;
    long lastNumber = -1;
    Place last;

    /** A block of the bucket, whose samples from {@code distinct} on repeat others. */
    void add(long number, Place place, long firstDraft, int distinct) {
      samples += distinct;
      this.firstDraft = Math.min(this.firstDraft, firstDraft);
      if (number > lastNumber) {
        lastNumber = number;
        last = place;
      }
    }
  }

  private KeptBlocks() {}

  /**
   * Reads all blocks of some writers. Nobody else may be writing them.
   *
   * @param split its folder; may be absent
   * @param lanes the writers
   */
  public static KeptBlocks scan(Path split, Lanes lanes) throws IOException {
    KeptBlocks kept = new KeptBlocks();
    for (Part part : Part.in(split)) {
      if (lanes.contains(part.writer())) {
        kept.nextRun.merge(part.writer(), part.run() + 1, Math::max);
        kept.scan(split, part);
      }
    }
    return kept;
  }

  private void scan(Path split, Part part) throws IOException {
    Path file = part.file(split);
    if (!Files.isRegularFile(file)) {
      delete(split.resolve(part.folder()));
      return;
    }
    int before = numbers.cardinality();
    long end;
    List<Long> unsound = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      PartFile mapped = new PartFile(split, part, arena);
      while (true) {
        try {
          Optional<PartFile.Stored> stored = mapped.next();
          if (stored.isEmpty()) {
            break;
          }
          if (!take(stored.get())) {
            unsound.add(stored.get().header());
          }
        } catch (PartFile.DamagedException e) {
          unsound.add(e.header);
        }
      }
      end = mapped.position();
    }
    if (numbers.cardinality() == before) {
      delete(split.resolve(part.folder()));
      return;
    }
    trim(file, unsound, end);
    RecordWriter.cut(split.resolve(part.folder()), end);
    parts.add(part);
  }

  private boolean take(PartFile.Stored stored) {
    Block block = stored.block();
    if (!block.checksumHolds()) {
      return false;
    }
    int number = Math.toIntExact(block.number());
    if (numbers.get(number)) {
      return false;
    }
    numbers.set(number);
    for (int i = 0; i < block.count(); i++) {
      drafts.set(Math.toIntExact(block.draft(i)));
    }
    samples += block.distinct();
    repeated += block.count() - block.distinct();
    bytes += block.byteSize();
    buckets
        .computeIfAbsent(block.bucket(), _ -> new OfBucket())
        .add(number, new Place(stored.file(), stored.at(), block.byteSize()), block.draft(0), block.distinct());
    return true;
  }

  /** Marks documents that are not sound as metadata, which all readers pass over, and what follows the last one as the end. */
  private static void trim(Path file, List<Long> unsound, long end) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      for (long header : unsound) {
        ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        channel.read(word, header);
        channel.write(word.putInt(0, word.getInt(0) | Frames.METADATA).rewind(), header);
      }
      if (end + Integer.BYTES <= channel.size()) {
        channel.write(ByteBuffer.allocate(Integer.BYTES), end);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** The source's drafts that need not be made again. */
  public BitSet drafts() {
    return drafts;
  }

  /** Different samples. */
  public long samples() {
    return samples;
  }

  public long numBlocks() {
    return numbers.cardinality();
  }

  /** Bytes of all blocks. */
  public long byteSize() {
    return bytes;
  }

  boolean has(long number) {
    return number <= Integer.MAX_VALUE && numbers.get((int) number);
  }

  long repeated() {
    return repeated;
  }

  Map<Bucket, OfBucket> buckets() {
    return buckets;
  }

  List<Part> parts() {
    return parts;
  }

  /** The part that a writer begins now. */
  Part next(int writer) {
    return new Part(writer, nextRun.getOrDefault(writer, 0));
  }
}
