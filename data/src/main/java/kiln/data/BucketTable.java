package kiln.data;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import kiln.bindings.UserException;

/**
 * Which bucket a sample goes to: the image size nearest in aspect ratio (by its logarithm, so that 2:1 and 1:2 are equally far
 * from square), and the shortest caption length that holds the caption, or the longest if none does.
 *
 * @param sizes image sizes, at least one
 * @param captionLengths ascending, at least one
 */
public record BucketTable(List<Size> sizes, List<Integer> captionLengths) {
  /** Height and width in pixels. */
  public record Size(int height, int width) {
    public Size {
      if (height < 1 || width < 1) {
        throw new UserException("image size " + height + "x" + width + ": expected at least 1x1");
      }
    }
  }

  public BucketTable {
    if (sizes.isEmpty() || captionLengths.isEmpty()) {
      throw new UserException("buckets: expected at least one image size and one caption length");
    }
    for (int length : captionLengths) {
      if (length < 2) {
        throw new UserException("caption length " + length + ": expected at least 2");
      }
    }
    sizes = List.copyOf(sizes);
    captionLengths = List.copyOf(new TreeSet<>(captionLengths));
  }

  /** One square bucket. */
  public static BucketTable square(int size, int captionLength) {
    return new BucketTable(List.of(new Size(size, size)), List.of(captionLength));
  }

  /**
   * NovelAI's scheme: every width that is a multiple of {@code step} with the greatest height that keeps to the pixel budget
   * {@code base * base}, both sides at most {@code longest}, and the same turned around.
   */
  public static List<Size> aspectRatios(int base, int step, int longest) {
    if (step < 1 || base < step || longest < base) {
      throw new UserException(
          "aspect ratios: base=" + base + " step=" + step + " longest=" + longest + ": expected 1 <= step <= base <= longest");
    }
    long budget = (long) base * base;
    List<Size> sizes = new ArrayList<>();
    sizes.add(new Size(base, base));
    for (int width = step; width <= longest; width += step) {
      int height = (int) Math.min(longest, budget / width / step * step);
      addNew(sizes, height, width, step);
      addNew(sizes, width, height, step);
    }
    return List.copyOf(sizes);
  }

  private static void addNew(List<Size> sizes, int height, int width, int step) {
    if (height >= step && !sizes.contains(new Size(height, width))) {
      sizes.add(new Size(height, width));
    }
  }

  /** The image size for an image; of equally near ones the first listed. */
  public Size nearest(int height, int width) {
    double aspect = Math.log((double) height / width);
    Size best = sizes.getFirst();
    double bestDistance = Double.POSITIVE_INFINITY;
    for (Size size : sizes) {
      double distance = Math.abs(Math.log((double) size.height() / size.width()) - aspect);
      if (distance < bestDistance) {
        best = size;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** The caption length for a caption of so many UTF-8 bytes. */
  public int captionLength(int bytes) {
    for (int length : captionLengths) {
      if (bytes + 1 <= length) {
        return length;
      }
    }
    return captionLengths.getLast();
  }

  /** The bucket of an image that already has one of the sizes. */
  public Bucket bucket(Size size, int captionBytes) {
    return new Bucket(size.height(), size.width(), captionLength(captionBytes));
  }
}
