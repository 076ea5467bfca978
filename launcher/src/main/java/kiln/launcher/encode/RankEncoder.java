package kiln.launcher.encode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import kiln.bindings.UserException;
import kiln.data.Bucket;
import kiln.data.encoded.EncodedShape;
import kiln.data.encoded.EncodedSize;
import kiln.data.encoded.Encodings;
import kiln.data.encoded.PartWriter;
import kiln.data.encoded.UnfinishedSplit;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Split;
import kiln.launcher.backend.Backends;
import kiln.model.diffusion.SampleEncoder;
import kiln.model.plan.Backend;

/**
 * One rank's share of the blocks: every {@code size}-th one. They are taken bucket by bucket, so that a plan is made once; the
 * order in which they are written does not matter, because every block says which one it is.
 */
final class RankEncoder {
  private final EncodeJob job;
  private final int rank;
  private final int size;
  private final BooleanSupplier stop;
  private final EncodeProgress progress;

  /**
   * @param stop whether to end after the block that is being made
   */
  RankEncoder(EncodeJob job, int rank, int size, BooleanSupplier stop, EncodeProgress progress) {
    this.job = job;
    this.rank = rank;
    this.size = size;
    this.stop = stop;
    this.progress = progress;
  }

  /**
   * @throws UserException if the disk is full: what has been written stays
   */
  void run() {
    try (FrozenModels models = new FrozenModels(job.vae(), job.textEncoder());
        Backend backend = Backends.open(job.backend(), rank);
        SampleEncoder encoder = models.encoder(backend, job.precision())) {
      for (Split split : Split.values()) {
        EncodeJob.SplitWork work = job.splits().get(split.folder());
        if (work != null) {
          encode(split, work, models, encoder);
        }
      }
    } catch (FileSystemException e) {
      throw new UserException(
          e.getFile() + ": cannot be written: " + e.getReason() + "; finished blocks are kept, the same command goes on with them");
    } catch (IOException e) {
      throw new UserException(job.folder() + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private void encode(Split split, EncodeJob.SplitWork work, FrozenModels models, SampleEncoder encoder)
      throws IOException {
    List<Integer> own =
        IntStream.range(0, work.blocks().size()).filter(i -> i % size == rank).mapToObj(work.blocks()::get).toList();
    if (own.isEmpty() || stop.getAsBoolean()) {
      return;
    }
    Path part = UnfinishedSplit.part(job.folder().resolve(split.folder()), work.attempt(), rank);
    try (BatchReader reader = BatchReader.open(job.data(), split);
        PartWriter writer = new PartWriter(part, job.origin().key(), work.largestBlock())) {
      Comparator<Integer> byBucket = Comparator.comparing(i -> reader.bucket(i).toString());
      for (int number : own.stream().sorted(byBucket.thenComparing(Comparator.naturalOrder())).toList()) {
        try (Arena arena = Arena.ofConfined()) {
          Block block = reader.block(number);
          writer.append(number, block, encodings(block, models.shape(block.bucket()), encoder, arena));
          progress.encoded(block.count());
        }
        if (stop.getAsBoolean()) {
          return;
        }
      }
    }
  }

  private static Encodings encodings(Block block, EncodedShape shape, SampleEncoder encoder, Arena arena) {
    int n = block.count();
    Bucket bucket = block.bucket();
    MemorySegment mean = arena.allocate(n * shape.latentBytes(), 64);
    MemorySegment logvar = arena.allocate(mean.byteSize(), 64);
    encoder.encode(n, bucket.height(), bucket.width(), block.pixels(0, n), mean, logvar);
    if (!shape.hasText()) {
      return new Encodings(shape, mean, logvar, new int[0], MemorySegment.NULL);
    }
    int[] tokens = EncodedSize.tokens(block);
    long bytes = IntStream.of(tokens).asLongStream().sum() * shape.stateBytes();
    MemorySegment text = arena.allocate(bytes + shape.stateBytes(), 64);
    encoder.encode(bucket.captionLength(), tokens, block.ids(0, n), block.mask(0, n), text.asSlice(0, bytes));
    encoder.encodeEmptyCaption(text.asSlice(bytes));
    return new Encodings(shape, mean, logvar, tokens, text);
  }
}
