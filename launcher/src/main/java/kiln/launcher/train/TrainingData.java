package kiln.launcher.train;

import java.nio.file.Path;
import kiln.data.encoded.EncodedManifest;
import kiln.data.encoded.EncodedReader;
import kiln.data.queue.BatchReader;
import kiln.data.queue.BlockTable;
import kiln.data.queue.Split;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.model.diffusion.SampleContents;
import kiln.model.train.MicroBatch;

/** A split of a data set in mapped memory, whether its blocks hold pictures or what frozen networks have made of them. */
interface TrainingData extends AutoCloseable {
  /** What the order of samples depends on. */
  BlockTable blocks();

  /** What the micro-batches hold. */
  SampleContents contents();

  /** {@code count} samples of a block, from {@code offset} on: slices of mapped memory. */
  MicroBatch microBatch(long block, int offset, int count);

  /** Which data these are: going on with others would be another run. */
  TrainingRecord.DataRecord record(Path folder);

  @Override
  void close();

  /**
   * @throws kiln.bindings.UserException if the data set is missing, not finished or damaged
   */
  static TrainingData open(Path folder, Split split) {
    return EncodedManifest.isIn(folder)
        ? new EncodedData(EncodedReader.open(folder, split))
        : new PixelData(BatchReader.open(folder, split));
  }
}
