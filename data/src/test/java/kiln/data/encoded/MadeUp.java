package kiln.data.encoded;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.queue.BatchReader;
import kiln.data.queue.BatchWriter;
import kiln.data.queue.Block;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;

/** A source of two buckets in blocks of 8, and encodings whose every byte follows from the block's number. */
final class MadeUp {
  static final int BLOCK = 8;
  static final int TEXT_WIDTH = 6;

  private static final BucketTable BUCKETS =
      new BucketTable(List.of(new BucketTable.Size(16, 16), new BucketTable.Size(8, 32)), List.of(16, 32));

  private MadeUp() {}

  /** A finished data set of pictures: sample {@code i} is of size {@code i % 2}, its caption {@code i % 20} bytes longer. */
  static Path dataset(Path folder, int count) throws IOException {
    try (BatchWriter writer = new BatchWriter(folder.resolve("train"), BLOCK, BUCKETS)) {
      for (int i = 0; i < count; i++) {
        writer.add(
            i,
            Sample.of(
                1000 + i, BUCKETS.sizes().get(i % 2), target -> target.fill((byte) 7), "Käse " + "x".repeat(i % 20),
                "{\"n\":" + i + "}"));
      }
      Manifest.of("test", Map.of("count", count), BLOCK, Map.of("train", writer.finish()), Map.of(), List.of()).write(folder);
    }
    return folder;
  }

  static Origin origin(Path data, boolean text) {
    return new Origin(data.toString(), Origin.fingerprint(data), "vae", text ? "text" : null, "float32");
  }

  static EncodedShape shape(Bucket bucket, boolean text) {
    return new EncodedShape(bucket.height() / 4, bucket.width() / 4, 4, text ? TEXT_WIDTH : 0);
  }

  static short number(long block, long i) {
    return (short) (block * 977 + i * 13 + 1);
  }

  static Encodings encodings(long number, Block block, boolean text, Arena arena) {
    EncodedShape shape = shape(block.bucket(), text);
    int[] tokens = text ? EncodedSize.tokens(block) : new int[0];
    long rows = IntStream.of(tokens).sum() + 1L;
    return new Encodings(
        shape,
        fill(arena.allocate(block.count() * shape.latentBytes()), number),
        fill(arena.allocate(block.count() * shape.latentBytes()), number + 100),
        tokens,
        text ? fill(arena.allocate(rows * shape.stateBytes()), number + 200) : MemorySegment.NULL);
  }

  private static MemorySegment fill(MemorySegment segment, long number) {
    for (long i = 0; i < segment.byteSize() / 2; i++) {
      segment.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, number(number, i));
    }
    return segment;
  }

  /** Writes the blocks of these numbers as one rank's part. */
  static void writePart(BatchReader source, Path split, Origin origin, boolean text, int attempt, int rank, int... numbers) {
    long largest = size(source, text).largestBlock();
    try (PartWriter writer = new PartWriter(UnfinishedSplit.part(split, attempt, rank), origin.key(), largest);
        Arena arena = Arena.ofConfined()) {
      for (int number : numbers) {
        Block block = source.block(number);
        writer.append(number, block, encodings(number, block, text, arena));
      }
    }
  }

  static EncodedSize size(BatchReader source, boolean text) {
    return EncodedSize.of(source, i -> shape(source.bucket(i), text), new BitSet());
  }

  /** Ends a complete training split. */
  static void finish(BatchReader source, Path folder, Origin origin) throws IOException {
    Map<String, Long> buckets = new LinkedHashMap<>();
    for (int i = 0; i < source.numBlocks(); i++) {
      buckets.merge(source.bucket(i).toString(), (long) source.distinct(i), Long::sum);
    }
    long samples = buckets.values().stream().mapToLong(Long::longValue).sum();
    Map<String, Long> files = new UnfinishedSplit(folder.resolve("train"), origin.key()).finish();
    EncodedManifest.of(
            origin, BLOCK,
            Map.of(Split.TRAIN.folder(), new EncodedManifest.Contents(samples, source.numBlocks(), buckets, files)))
        .write(folder);
  }
}
