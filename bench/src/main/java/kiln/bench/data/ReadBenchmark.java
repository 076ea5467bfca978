package kiln.bench.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Manifest;
import kiln.data.queue.SampleOrder;
import kiln.data.queue.Split;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.plan.Buffer;

/**
 * Reads the training split twice, by turns: as a run does, epoch by epoch in its shuffled order, each micro-batch bound to the inputs
 * of a plan; and as plainly as can be, the same files mapped and read from the first byte to the last. Either way every byte is read,
 * by the same loop.
 */
final class ReadBenchmark {
  private final Path dataset;
  private final int batch;
  private final int microBatch;
  private long sum; // so that no reading is left out

  /** What one pass read, and in what time. */
  record Pass(long bytes, long samples, double seconds) {
    double gigabytesPerSecond() {
      return bytes / seconds * 1e-9;
    }
  }

  ReadBenchmark(Path dataset, int batch, int microBatch) {
    this.dataset = dataset;
    this.batch = batch;
    this.microBatch = microBatch;
  }

  /** One epoch; opening the data set counts. */
  Pass queue(long epoch) {
    long start = System.nanoTime();
    long bytes = 0;
    long samples = 0;
    try (BatchReader reader = BatchReader.open(dataset)) {
      if (reader.blockSize() % microBatch != 0 || batch % microBatch != 0) {
        throw new UserException("option --micro-batch: expected a divisor of --batch and of blocks of " + reader.blockSize());
      }
      SampleOrder order = new SampleOrder(1, reader, batch);
      for (long step = 0; step < order.stepsPerEpoch(); step++) {
        for (int first = 0; first < batch; first += microBatch) {
          SampleOrder.Slice slice = order.slice(epoch, step, first, microBatch);
          Block block = reader.block(slice.block());
          for (Buffer input : inputs(block, slice.offset())) {
            bytes += read(input.segment());
          }
          samples += microBatch;
        }
      }
    }
    return new Pass(bytes, samples, (System.nanoTime() - start) * 1e-9);
  }

  /** The inputs of a plan, as {@code kiln train} binds them. */
  private List<Buffer> inputs(Block block, int offset) {
    int captionLength = block.bucket().captionLength();
    Shape pixels = Shape.of(microBatch, block.bucket().height(), block.bucket().width(), 3);
    Shape tokens = Shape.of(microBatch, captionLength);
    return List.of(
        new Buffer(new TensorType(DType.U8, pixels), block.pixels(offset, microBatch)),
        new Buffer(new TensorType(DType.I32, tokens), block.ids(offset, microBatch)),
        new Buffer(new TensorType(DType.I32, tokens), block.mask(offset, microBatch)));
  }

  /** The files of the split, mapped and read from end to end; opening them counts. */
  Pass plain() throws IOException {
    long start = System.nanoTime();
    long bytes = 0;
    for (Path file : files()) {
      try (Arena arena = Arena.ofConfined();
          FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        bytes += read(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
      }
    }
    return new Pass(bytes, 0, (System.nanoTime() - start) * 1e-9);
  }

  private List<Path> files() {
    Manifest.Contents contents = Manifest.read(dataset).splits().get(Split.TRAIN.folder());
    List<Path> files = new ArrayList<>();
    for (String name : contents.files().keySet()) {
      Path file = dataset.resolve(Split.TRAIN.folder()).resolve(name);
      if (name.endsWith(".cq4") && Files.isRegularFile(file)) {
        files.add(file);
      }
    }
    return files;
  }

  private long read(MemorySegment memory) {
    long words = memory.byteSize() / Long.BYTES;
    long total = 0;
    for (long i = 0; i < words; i++) {
      total += memory.get(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES);
    }
    for (long i = words * Long.BYTES; i < memory.byteSize(); i++) {
      total += memory.get(ValueLayout.JAVA_BYTE, i);
    }
    sum += total;
    return memory.byteSize();
  }

  /** A number that depends on every byte. */
  long sum() {
    return sum;
  }
}
