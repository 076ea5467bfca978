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
 * @param microBatches spread evenly over the queue
 */
record ValidationSet(List<MicroBatch> microBatches) {
  /** As many as the preset asks for, in whole micro-batches, or all that there are. */
  static ValidationSet of(BatchReader reader, Preset preset) {
    int size = preset.microBatch();
    List<MicroBatch> all = new ArrayList<>();
    for (int i = 0; i < reader.numBlocks(); i++) {
      Block block = reader.block(i);
      for (int offset = 0; offset + size <= block.count() && offset < block.distinct(); offset += size) {
        all.add(BatchSource.microBatch(block, offset, size));
      }
    }
    int wanted = Math.min(all.size(), Math.ceilDiv(preset.validation().samples(), size));
    List<MicroBatch> chosen = new ArrayList<>(wanted);
    for (int i = 0; i < wanted; i++) {
      chosen.add(all.get((int) ((long) i * all.size() / wanted)));
    }
    return new ValidationSet(List.copyOf(chosen));
  }

  Set<BatchShape> shapes() {
    Set<BatchShape> shapes = new LinkedHashSet<>();
    microBatches.forEach(batch -> shapes.add(batch.shape()));
    return shapes;
  }
}
