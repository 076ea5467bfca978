package kiln.data.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.Pixels;
import kiln.data.Sample;
import kiln.data.queue.BlockEncoder.Numbered;

/**
 * Collects samples by bucket and appends each full block as one document to one of its queues, in turn. Pictures are produced
 * straight in the queue's mapped memory. The last block of a bucket is filled by repeating earlier samples of the bucket. For one
 * thread.
 *
 * <p>Which samples a block holds and which number it has follow from the order of the samples alone. A writer that goes on where
 * another was killed is given the samples that are in no {@linkplain KeptBlocks kept} block, and makes the blocks that are missing.
 */
public final class BatchWriter implements AutoCloseable {
  /** Room for the whole caption and truth of a sample, on average over a block. */
  private static final long TEXT_BYTES = 4096;

  private final Path folder;
  private final int blockSize;
  private final BucketTable table;
  private final Lanes lanes;
  private final KeptBlocks kept;
  private final WritingLimits limits;
  private final Scratch scratch;
  private final long largestRecord;
  private final Map<Integer, PartWriter> queues = new TreeMap<>();
  private final Map<Bucket, Pending> buckets = new HashMap<>();
  private long nextNumber;
  private long blocks;
  private long repeated;
  private long writtenBytes;
  private long waitingBytes;

  /** The samples of a bucket that no block holds yet, and what is known of those that one holds. */
  private static final class Pending {
    private final List<Numbered> samples = new ArrayList<>();
    private KeptBlocks.OfBucket written;
  }

  /** A writer of a split that holds nothing yet, with one queue. */
  public BatchWriter(Path folder, int blockSize, BucketTable table) throws IOException {
    this(folder, blockSize, table, new Lanes(0, 1), KeptBlocks.scan(folder, new Lanes(0, 1)), WritingLimits.NONE);
  }

  /**
   * @param folder of the split; created
   * @param lanes the queues that it fills
   * @param kept what they hold already
   * @param limits what it keeps to
   * @throws UserException if a block of the largest bucket is more than a document may hold
   */
  public BatchWriter(Path folder, int blockSize, BucketTable table, Lanes lanes, KeptBlocks kept, WritingLimits limits) {
    this.folder = folder;
    this.blockSize = blockSize;
    this.table = table;
    this.lanes = lanes;
    this.kept = kept;
    this.limits = limits;
    this.writtenBytes = kept.byteSize();
    this.repeated = kept.repeated();
    this.blocks = kept.numBlocks();
    kept.buckets().forEach((bucket, written) -> pending(bucket).written = written);
    if (blockSize < 1 || blockSize > 1 << 16) {
      throw new UserException("block size " + blockSize + ": expected 1 to 65536");
    }
    int captionLength = table.captionLengths().getLast();
    long largest = 0;
    for (BucketTable.Size size : table.sizes()) {
      Bucket bucket = new Bucket(size.height(), size.width(), captionLength);
      long texts = blockSize * (TEXT_BYTES + bucket.textBytes());
      largest = Math.max(largest, new BlockLayout(bucket, blockSize, 0, 0).bytes + texts);
    }
    if (largest > Queues.LARGEST_RECORD) {
      throw new UserException(
          "block size " + blockSize + ": a block would take " + largest + " bytes, at most " + Queues.LARGEST_RECORD
              + " are possible; choose a smaller block size");
    }
    largestRecord = largest;
    long largestPicture = 0;
    for (BucketTable.Size size : table.sizes()) {
      largestPicture = Math.max(largestPicture, new Bucket(size.height(), size.width(), captionLength).pixelBytes());
    }
    scratch = new Scratch(folder, largestPicture);
  }

  /**
   * Adds a sample to the bucket that its size and caption ask for, and writes the bucket's block if that fills it.
   *
   * @param draft number of the draft that the sample was made of, greater than those before
   * @throws java.nio.file.FileSystemException if there is no room; the blocks so far are whole
   */
  public void add(long draft, Sample sample) throws IOException {
    Bucket bucket = table.bucket(sample.size(), sample.caption().length);
    Pending pending = pending(bucket);
    pending.samples.add(new Numbered(draft, waiting(sample, bucket.pixelBytes())));
    if (pending.samples.size() == blockSize) {
      write(bucket, pending, blockSize);
    }
  }

  /** The sample with its picture in memory, or in a file if too many are there. */
  private Sample waiting(Sample sample, long pictureBytes) throws IOException {
    if (waitingBytes + pictureBytes <= limits.memory()) {
      waitingBytes += pictureBytes;
      return sample;
    }
    Pixels kept = scratch.keep(sample.pixels(), pictureBytes);
    return new Sample(sample.id(), sample.size(), kept, sample.caption(), sample.truth());
  }

  private Pending pending(Bucket bucket) {
    return buckets.computeIfAbsent(
        bucket,
        _ -> {
          Pending pending = new Pending();
          pending.written = new KeptBlocks.OfBucket();
          return pending;
        });
  }

  /** Blocks that are whole, those of earlier runs included. */
  public long numBlocks() {
    return blocks;
  }

  /** Different samples in them. */
  public long numSamples() {
    return buckets.values().stream().mapToLong(pending -> pending.written.samples).sum();
  }

  /**
   * Fills and writes the last blocks, closes the queues, cuts their files to what is used and forces them to disk.
   *
   * @return what the split holds by these writers
   * @throws java.nio.file.FileSystemException if there is no room; the blocks so far are whole
   */
  public Manifest.Contents finish() throws IOException {
    List<Map.Entry<Bucket, Pending>> inOrder = new ArrayList<>(buckets.entrySet());
    inOrder.sort(Comparator.comparingLong(entry -> firstDraft(entry.getValue())));
    for (Map.Entry<Bucket, Pending> entry : inOrder) {
      if (!entry.getValue().samples.isEmpty()) {
        fillAndWrite(entry.getKey(), entry.getValue());
      }
    }
    List<Part> parts = new ArrayList<>(kept.parts());
    for (PartWriter queue : queues.values()) {
      queue.finish();
      parts.add(queue.part());
    }
    queues.clear();
    Map<String, Long> files = new TreeMap<>();
    for (Part part : parts) {
      PartWriter.list(folder, part, files);
    }
    Map<String, Long> counts = new LinkedHashMap<>();
    long samples = 0;
    for (Map.Entry<Bucket, Pending> entry : inOrder) {
      counts.put(entry.getKey().toString(), entry.getValue().written.samples);
      samples += entry.getValue().written.samples;
    }
    return new Manifest.Contents(samples, repeated, blocks, counts, files);
  }

  private static long firstDraft(Pending pending) {
    long waiting = pending.samples.isEmpty() ? Long.MAX_VALUE : pending.samples.getFirst().draft();
    return Math.min(pending.written.firstDraft, waiting);
  }

  private void fillAndWrite(Bucket bucket, Pending pending) throws IOException {
    int distinct = pending.samples.size();
    try (Arena arena = Arena.ofConfined()) {
      List<Numbered> again = new ArrayList<>(pending.samples);
      if (pending.written.last != null) {
        Block previous = read(pending.written.last, arena);
        for (int i = 0; i < previous.count(); i++) {
          again.add(new Numbered(previous.draft(i), previous.sample(i)));
        }
      }
      for (int i = 0; pending.samples.size() < blockSize; i++) {
        pending.samples.add(again.get(i % again.size()));
        repeated++;
      }
      write(bucket, pending, distinct);
    }
  }

  private static Block read(KeptBlocks.Place place, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(place.file(), StandardOpenOption.READ)) {
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, place.at(), place.bytes(), arena);
      return Block.at(memory);
    } catch (MalformedRecordException e) {
      throw new IllegalStateException(place + " was sound", e);
    }
  }

  private void write(Bucket bucket, Pending pending, int distinct) throws IOException {
    while (kept.has(nextNumber)) {
      nextNumber++;
    }
    BlockEncoder encoder = new BlockEncoder(nextNumber, bucket, pending.samples, distinct);
    long bytes = encoder.byteSize();
    if (bytes > largestRecord) {
      throw new UserException(
          folder + ": captions and truths of a block of " + bucket + " average more than "
              + (TEXT_BYTES + bucket.textBytes()) + " bytes a sample: " + bytes
              + " bytes, room for " + largestRecord);
    }
    if (limits.ahead() != null) {
      limits.ahead().await(writtenBytes);
    }
    PartWriter queue = queue(lanes.of(nextNumber));
    long at = queue.append(encoder);
    KeptBlocks.Place place = new KeptBlocks.Place(queue.part().file(folder), at, bytes);
    pending.written.add(nextNumber, place, pending.samples.getFirst().draft(), distinct);
    nextNumber++;
    blocks++;
    writtenBytes += bytes;
    for (Numbered each : pending.samples.subList(0, distinct)) {
      if (!scratch.release(each.sample().pixels())) {
        waitingBytes -= bucket.pixelBytes();
      }
    }
    pending.samples.clear();
  }

  private PartWriter queue(int writer) throws IOException {
    PartWriter queue = queues.get(writer);
    if (queue == null) {
      queue = new PartWriter(folder, kept.next(writer), largestRecord);
      queues.put(writer, queue);
    }
    return queue;
  }

  /** Closes the queues without finishing them; samples that do not fill a block are dropped. */
  @Override
  public void close() {
    queues.values().forEach(PartWriter::close);
    queues.clear();
    try {
      scratch.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
