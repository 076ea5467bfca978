package kiln.launcher.train;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kiln.data.queue.BlockTable;
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
  static ValidationSet of(TrainingData data, Preset preset) {
    BlockTable blocks = data.blocks();
    int size = preset.microBatch();
    int wanted = preset.validation().samples();
    int numBlocks = Math.min(blocks.numBlocks(), Math.ceilDiv(wanted, blocks.blockSize()));
    List<MicroBatch> chosen = new ArrayList<>();
    for (int i = 0; i < numBlocks; i++) {
      int block = (int) ((long) i * blocks.numBlocks() / numBlocks);
      int end = Math.min(blocks.distinct(block), wanted - chosen.size() * size); // what is beyond fills the last micro-batch
      for (int offset = 0; offset < end; offset += size) {
        chosen.add(data.microBatch(block, offset, size));
      }
    }
    return new ValidationSet(List.copyOf(chosen));
  }

  /** The samples of the first block, at most as many as the preset asks for. */
  static ValidationSet first(TrainingData data, Preset preset) {
    List<MicroBatch> chosen = new ArrayList<>();
    int end = Math.min(data.blocks().blockSize(), preset.validation().samples());
    for (int offset = 0; offset < end; offset += preset.microBatch()) {
      chosen.add(data.microBatch(0, offset, preset.microBatch()));
    }
    return new ValidationSet(List.copyOf(chosen));
  }

  Set<BatchShape> shapes() {
    Set<BatchShape> shapes = new LinkedHashSet<>();
    microBatches.forEach(batch -> shapes.add(batch.shape()));
    return shapes;
  }
}
