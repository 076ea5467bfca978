package kiln.data.queue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.bindings.ForeignMemory;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.Sample;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Collects samples by bucket and appends each full block as one document. Pictures are produced straight in the queue's mapped
 * memory. The last block of a bucket is filled by repeating earlier samples of the bucket. For one thread.
 */
public final class BatchWriter implements AutoCloseable {
  /** Room for the whole caption and truth of a sample, on average over a block. */
  private static final long TEXT_BYTES = 4096;

  private final Path folder;
  private final int blockSize;
  private final BucketTable table;
  private final long largestRecord;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final Map<Bucket, Pending> buckets = new LinkedHashMap<>();
  private long blocks;
  private long repeated;
  private long end;

  /** The samples of a bucket that no block holds yet, and the last ones written, to fill up with. */
  private static final class Pending {
    private final List<Sample> samples = new ArrayList<>();
    private List<Sample> previous = List.of();
    private long total;
  }

  /**
   * @param folder of the queue; created
   * @throws UserException if a block of the largest bucket is more than a document may hold
   */
  public BatchWriter(Path folder, int blockSize, BucketTable table) {
    this.folder = folder;
    this.blockSize = blockSize;
    this.table = table;
    if (blockSize < 1 || blockSize > 1 << 16) {
      throw new UserException("block size " + blockSize + ": expected 1 to 65536");
    }
    int captionLength = table.captionLengths().getLast();
    long largest = 0;
    for (BucketTable.Size size : table.sizes()) {
      Bucket bucket = new Bucket(size.height(), size.width(), captionLength);
      largest = Math.max(largest, new BlockLayout(bucket, blockSize, 0, bucket.textBytes() * blockSize).bytes);
    }
    largest += TEXT_BYTES * blockSize;
    if (largest > Queues.LARGEST_RECORD) {
      throw new UserException(
          "block size " + blockSize + ": a block would take " + largest + " bytes, at most " + Queues.LARGEST_RECORD
              + " are possible; choose a smaller block size");
    }
    largestRecord = largest;
    queue = Queues.forWriting(folder, largest);
    appender = queue.createAppender();
  }

  /** Adds a sample to the bucket that its size and caption ask for, and writes the bucket's block if that fills it. */
  public void add(Sample sample) {
    Bucket bucket = table.bucket(sample.size(), sample.caption().length);
    Pending pending = buckets.computeIfAbsent(bucket, _ -> new Pending());
    pending.samples.add(sample);
    pending.total++;
    if (pending.samples.size() == blockSize) {
      write(bucket, pending, blockSize);
    }
  }

  /**
   * Fills and writes the last blocks, closes the queue, cuts its file to what is used and forces it to disk.
   *
   * @return what has been written
   */
  public Manifest.Contents finish() throws IOException {
    for (Map.Entry<Bucket, Pending> entry : buckets.entrySet()) {
      Pending pending = entry.getValue();
      int distinct = pending.samples.size();
      if (distinct > 0) {
        List<Sample> again = new ArrayList<>(pending.samples);
        again.addAll(pending.previous);
        for (int i = 0; pending.samples.size() < blockSize; i++) {
          pending.samples.add(again.get(i % again.size()));
          repeated++;
        }
        write(entry.getKey(), pending, distinct);
      }
    }
    close();
    Map<String, Long> files = new TreeMap<>();
    try (var entries = Files.list(folder)) {
      for (Path file : entries.toList()) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          if (file.toString().endsWith(Queues.SUFFIX)) {
            // Two pages stay after the last document, where a reader looks for the next one.
            channel.truncate(Math.min(channel.size(), (end + 8191) & -4096L));
          }
          channel.force(true);
          files.put(file.getFileName().toString(), channel.size());
        }
      }
    }
    Map<String, Long> counts = new LinkedHashMap<>();
    long samples = 0;
    for (Map.Entry<Bucket, Pending> entry : buckets.entrySet()) {
      counts.put(entry.getKey().toString(), entry.getValue().total);
      samples += entry.getValue().total;
    }
    return new Manifest.Contents(samples, repeated, blocks, counts, files);
  }

  private void write(Bucket bucket, Pending pending, int distinct) {
    BlockEncoder encoder = new BlockEncoder(bucket, pending.samples, distinct);
    long bytes = encoder.byteSize();
    if (bytes > largestRecord) {
      throw new UserException(
          folder + ": captions and truths of a block average more bytes than there is room for: " + bytes
              + " bytes, room for " + largestRecord);
    }
    try (DocumentContext document = appender.writingDocument()) {
      try {
        writeInPlace(encoder, document.wire().bytes());
      } catch (Throwable e) {
        document.rollbackOnClose();
        throw e;
      }
    }
    blocks++;
    pending.previous = List.copyOf(pending.samples);
    pending.samples.clear();
  }

  private void writeInPlace(BlockEncoder encoder, Bytes<?> out) {
    long bytes = encoder.byteSize();
    long start = out.writePosition();
    // Positions count from the start of the file, and chunks are mapped at page boundaries.
    long position = BlockLayout.align(start);
    out.ensureCapacity(position + bytes);
    for (long p = start; p < position; p++) {
      out.writeByte(p, (byte) 0);
    }
    encoder.writeTo(ForeignMemory.at(out.addressForWrite(position), bytes));
    out.writePosition(position + bytes);
    end = position + bytes;
  }

  /** Closes the queue without finishing it; what has not been written is dropped. */
  @Override
  public void close() {
    appender.close();
    queue.close();
  }
}
