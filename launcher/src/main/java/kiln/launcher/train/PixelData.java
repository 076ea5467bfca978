package kiln.launcher.train;

import java.nio.file.Path;
import kiln.data.Bucket;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.BlockTable;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.model.diffusion.SampleContents;
import kiln.model.train.BatchShape;
import kiln.model.train.MicroBatch;

/** Pictures and captions. */
record PixelData(BatchReader reader) implements TrainingData {
  @Override
  public BlockTable blocks() {
    return reader;
  }

  @Override
  public SampleContents contents() {
    return SampleContents.PIXELS;
  }

  @Override
  public MicroBatch microBatch(long block, int offset, int count) {
    Block b = reader.block(block);
    return new MicroBatch(
        shape(b.bucket(), count),
        b.pixels(offset, count),
        b.ids(offset, count),
        b.mask(offset, count),
        b.sampleIds(offset, count));
  }

  /** The shape of so many samples of a bucket. */
  static BatchShape shape(Bucket bucket, int count) {
    return new BatchShape(count, bucket.height(), bucket.width(), bucket.captionLength());
  }

  @Override
  public TrainingRecord.DataRecord record(Path folder) {
    return DataFingerprint.of(folder, reader);
  }

  @Override
  public void close() {
    reader.close();
  }
}
