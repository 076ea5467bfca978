package kiln.launcher.train;

import java.nio.file.Path;
import kiln.data.Bucket;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Blocks;
import kiln.data.queue.GrowingBlocks;
import kiln.data.queue.ScheduleHash;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.model.diffusion.SampleContents;
import kiln.model.train.BatchShape;
import kiln.model.train.MicroBatch;

/** Pictures and captions. */
record PixelData(Blocks blocks) implements TrainingData {
  @Override
  public SampleContents contents() {
    return SampleContents.PIXELS;
  }

  @Override
  public MicroBatch microBatch(long block, int offset, int count) {
    return microBatch(blocks.block(block), offset, count);
  }

  /** {@code count} samples of a block, from {@code offset} on. */
  static MicroBatch microBatch(Block block, int offset, int count) {
    return new MicroBatch(
        shape(block.bucket(), count),
        block.pixels(offset, count),
        block.ids(offset, count),
        block.mask(offset, count),
        block.sampleIds(offset, count));
  }

  /** The shape of so many samples of a bucket. */
  static BatchShape shape(Bucket bucket, int count) {
    return new BatchShape(count, bucket.height(), bucket.width(), bucket.captionLength());
  }

  @Override
  public TrainingRecord.DataRecord record(Path folder) {
    String fingerprint = ScheduleHash.fingerprint(blocks, blocks.numBlocks());
    return new TrainingRecord.DataRecord(folder.toString(), fingerprint, blocks.numSamples(), null);
  }

  @Override
  public void close() {
    if (blocks instanceof BatchReader reader) {
      reader.close();
    } else if (blocks instanceof GrowingBlocks growing) {
      growing.close();
    }
  }
}
