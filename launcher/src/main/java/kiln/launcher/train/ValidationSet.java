package kiln.launcher.train;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.launcher.preset.Preset;
import kiln.model.train.BatchShape;
import kiln.model.train.MicroBatch;

/**
 * Samples of the validation queue, always the same ones.
 *
 * @param microBatches of blocks that are spread evenly over the queue
 */
record ValidationSet(List<MicroBatch> microBatches) {
  /** As many as the preset asks for, from as few blocks as hold them: which ones does not depend on the micro-batch's size. */
  static ValidationSet of(BatchReader reader, Preset preset) {
    int size = preset.microBatch();
    int wanted = preset.validation().samples();
    int numBlocks = Math.min(reader.numBlocks(), Math.ceilDiv(wanted, reader.blockSize()));
    List<MicroBatch> chosen = new ArrayList<>();
    for (int i = 0; i < numBlocks; i++) {
      Block block = reader.block((long) i * reader.numBlocks() / numBlocks);
      int end = Math.min(block.distinct(), wanted - chosen.size() * size); // what is beyond fills the last micro-batch
      for (int offset = 0; offset < end; offset += size) {
        chosen.add(BatchSource.microBatch(block, offset, size));
      }
    }
    return new ValidationSet(List.copyOf(chosen));
  }

  /** The samples of one block, at most as many as the preset asks for. */
  static ValidationSet first(Block block, Preset preset) {
    List<MicroBatch> chosen = new ArrayList<>();
    int end = Math.min(block.count(), preset.validation().samples());
    for (int offset = 0; offset < end; offset += preset.microBatch()) {
      chosen.add(BatchSource.microBatch(block, offset, preset.microBatch()));
    }
    return new ValidationSet(List.copyOf(chosen));
  }

  Set<BatchShape> shapes() {
    Set<BatchShape> shapes = new LinkedHashSet<>();
    microBatches.forEach(batch -> shapes.add(batch.shape()));
    return shapes;
  }
}
