package kiln.data.dataset;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;

/** What a data set holds, to be compared with another. */
final class Datasets {
  private Datasets() {}

  /** Of every block of all splits, in order: everything, pictures as a hash. */
  static List<String> contents(Path folder) {
    List<String> all = new ArrayList<>();
    for (Split split : Split.values()) {
      if (!Manifest.read(folder).splits().containsKey(split.folder())) {
        continue;
      }
      try (BatchReader reader = BatchReader.open(folder, split)) {
        reader.verify(_ -> {});
        for (int b = 0; b < reader.numBlocks(); b++) {
          all.add(split + " block " + reader.block(b).number() + ": " + block(reader.block(b)));
        }
      }
    }
    return all;
  }

  private static String block(Block block) {
    StringBuilder text = new StringBuilder(block.bucket() + ", " + block.distinct() + " distinct:");
    for (int i = 0; i < block.count(); i++) {
      int pixels = Arrays.hashCode(block.pixels(i, 1).toArray(ValueLayout.JAVA_BYTE));
      int ids = Arrays.hashCode(block.ids(i, 1).toArray(ValueLayout.JAVA_BYTE));
      text.append(' ').append(block.draft(i)).append('=').append(block.sampleId(i)).append('/').append(pixels).append('/')
          .append(ids).append('/').append(block.caption(i)).append('/').append(block.truth(i));
    }
    return text.toString();
  }
}
