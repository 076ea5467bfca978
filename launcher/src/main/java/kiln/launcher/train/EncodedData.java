package kiln.launcher.train;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import kiln.data.encoded.EncodedBlock;
import kiln.data.encoded.EncodedReader;
import kiln.data.queue.BlockTable;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.model.diffusion.SampleContents;
import kiln.model.train.EncodedSamples;
import kiln.model.train.MicroBatch;

/** What {@code kiln data encode} has made of pictures, and perhaps of captions. */
record EncodedData(EncodedReader reader) implements TrainingData {
  private static final int HEX_DIGITS = 32;

  @Override
  public BlockTable blocks() {
    return reader;
  }

  @Override
  public SampleContents contents() {
    return reader.manifest().origin().hasText() ? SampleContents.LATENTS_AND_TEXT : SampleContents.LATENTS;
  }

  @Override
  public MicroBatch microBatch(long block, int offset, int count) {
    EncodedBlock b = reader.block(block);
    EncodedSamples.Text text =
        b.shape().hasText()
            ? new EncodedSamples.Text(b.textOffsets(offset, count), b.textStates(), b.emptyTextState())
            : null;
    return new MicroBatch(
        PixelData.shape(b.bucket(), count),
        MemorySegment.NULL,
        b.ids(offset, count),
        b.mask(offset, count),
        b.sampleIds(offset, count),
        new EncodedSamples(b.mean(offset, count), b.logvar(offset, count), text));
  }

  @Override
  public TrainingRecord.DataRecord record(Path folder) {
    String fingerprint = reader.manifest().key().substring(0, HEX_DIGITS);
    return new TrainingRecord.DataRecord(folder.toString(), fingerprint, reader.numSamples(), null);
  }

  @Override
  public void close() {
    reader.close();
  }
}
