package kiln.data.scenes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.image.Pictures;
import kiln.data.image.RgbImage;
import kiln.data.source.UnusableException;

/**
 * Pictures that text is laid on, somewhat larger than what is drawn, so that different parts of them can be shown without
 * scaling again.
 *
 * @param photos in the order in which they were drawn from the folder
 * @param unusable what did not decode
 */
public record PhotoPool(List<Photo> photos, List<UnusableException> unusable) {
  /** None. */
  public static final PhotoPool EMPTY = new PhotoPool(List.of(), List.of());

  private static final Pattern LETTERED = Pattern.compile("(^|/)(symbols|roadsigns)/");
  private static final double LARGER = 1.4;
  private static final long MOST_BYTES = 64L << 20;
  private static final int MOST = 96;
  private static final int FEWEST = 4;

  /** A picture, 0xRRGGBB [height, width]. */
  public record Photo(String name, int width, int height, int[] rgb) {}

  /**
   * A seeded choice of the pictures (PNG, JPEG) in and below a folder, at most 96, and no more than fit in 64 MiB, but four.
   * Folders named {@code symbols} and {@code roadsigns} are left out: the stamps have letters and words there, which would be
   * text that the truth does not know.
   *
   * @param sizes what will be drawn
   * @throws UserException if the folder cannot be read or has no picture that decodes
   */
  public static PhotoPool read(Path folder, BucketTable sizes, long seed) {
    int width = 0;
    int height = 0;
    for (BucketTable.Size size : sizes.sizes()) {
      width = Math.max(width, size.width());
      height = Math.max(height, size.height());
    }
    List<Path> files = new ArrayList<>(files(folder));
    long bytes = (long) (LARGER * LARGER * Integer.BYTES * width * height);
    int wanted = Math.clamp(MOST_BYTES / bytes, FEWEST, MOST);
    SplittableRandom random = new SplittableRandom(seed);
    List<Photo> photos = new ArrayList<>();
    List<UnusableException> unusable = new ArrayList<>();
    while (photos.size() < wanted && !files.isEmpty()) {
      Path file = files.remove(random.nextInt(files.size()));
      try {
        RgbImage image = Pictures.read(file, 2 * Math.max(width, height));
        photos.add(cover(folder.relativize(file).toString(), image, (int) (LARGER * width), (int) (LARGER * height)));
      } catch (UnusableException e) {
        unusable.add(e);
      }
    }
    if (photos.isEmpty()) {
      throw new UserException(folder + ": no picture (.png, .jpg) that decodes, expected some for --photos");
    }
    return new PhotoPool(List.copyOf(photos), List.copyOf(unusable));
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.(png|jpe?g)"))
          .filter(file -> !LETTERED.matcher(folder.relativize(file).toString()).find())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UserException("--photos " + folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Scaled to cover a size, its middle. */
  private static Photo cover(String name, RgbImage image, int width, int height) {
    double scale = Math.max((double) width / image.width(), (double) height / image.height());
    int cropWidth = Math.clamp(Math.round(width / scale), 1, image.width());
    int cropHeight = Math.clamp(Math.round(height / scale), 1, image.height());
    RgbImage crop =
        image.crop((image.height() - cropHeight) / 2, (image.width() - cropWidth) / 2, cropHeight, cropWidth);
    byte[] bytes = Pictures.resize(crop, height, width).rgb();
    int[] rgb = new int[width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (bytes[3 * i] & 255) << 16 | (bytes[3 * i + 1] & 255) << 8 | bytes[3 * i + 2] & 255;
    }
    return new Photo(name, width, height, rgb);
  }

  /** A part of one of them. */
  Ground.Photo draw(SplittableRandom random, int width, int height) {
    Photo photo = photos.get(random.nextInt(photos.size()));
    return new Ground.Photo(
        photo, random.nextInt(photo.width() - width + 1), random.nextInt(photo.height() - height + 1));
  }
}
