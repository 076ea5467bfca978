package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.data.Bucket;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Split;

/**
 * Captions of a data set with their pictures, all of one size.
 *
 * @param pictures one per caption
 */
record RealPictures(List<String> captions, List<BufferedImage> pictures, int height, int width) {
  /** Where a sample lies. */
  private record Place(int block, int index) {}

  /** At most {@code count} samples, spread evenly over those of the first bucket. */
  static RealPictures read(Path data, Split split, int count) {
    try (BatchReader reader = BatchReader.open(data, split)) {
      Bucket bucket = reader.buckets().iterator().next();
      List<Place> places = new ArrayList<>();
      for (int b = 0; b < reader.numBlocks(); b++) {
        for (int i = 0; reader.block(b).bucket().equals(bucket) && i < reader.block(b).distinct(); i++) {
          places.add(new Place(b, i));
        }
      }
      List<String> captions = new ArrayList<>();
      List<BufferedImage> pictures = new ArrayList<>();
      int taken = Math.min(count, places.size());
      for (int i = 0; i < taken; i++) {
        Place place = places.get((int) ((long) i * places.size() / taken));
        Block block = reader.block(place.block);
        byte[] rgb = block.pixels(place.index, 1).toArray(ValueLayout.JAVA_BYTE);
        captions.add(block.caption(place.index));
        pictures.add(Drawing.image(rgb, bucket.height(), bucket.width()));
      }
      return new RealPictures(captions, pictures, bucket.height(), bucket.width());
    }
  }
}
