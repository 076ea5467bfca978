package kiln.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * The rows of a decoded picture as red, green, blue and opacity, 8 bits each, whatever it is stored as. The values are taken as
 * they are, as Pillow takes them: colour profiles are not applied, and grey is not taken for linear light, which is what Java's
 * own conversion would do and which would brighten it.
 */
abstract class PixelRows {
  final int height;
  final int width;

  private PixelRows(int height, int width) {
    this.height = height;
    this.width = width;
  }

  /**
   * @param rgba [width, 4]
   */
  abstract void read(int y, byte[] rgba);

  static PixelRows of(BufferedImage image) {
    ColorModel colours = image.getColorModel();
    if (colours instanceof IndexColorModel palette) {
      return new Palette(image.getRaster(), palette);
    }
    if (colours instanceof ComponentColorModel && !(colours.hasAlpha() && colours.isAlphaPremultiplied())) {
      int space = colours.getColorSpace().getType();
      if (space == ColorSpace.TYPE_GRAY || space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_CMYK) {
        return new Components(image.getRaster(), colours);
      }
    }
    return new Converted(image);
  }

  /** Values of a raster, a row at a time. */
  private static final class Samples {
    private final Raster raster;
    private final int bands;
    private final int[] row;
    private final byte[] data;
    private int start;
    private int rowStride;
    private int pixelStride;
    private int[] offsets = {};

    Samples(Raster raster) {
      this.raster = raster;
      bands = raster.getNumBands();
      row = new int[raster.getWidth() * bands];
      if (raster.getSampleModel() instanceof PixelInterleavedSampleModel model
          && raster.getDataBuffer() instanceof DataBufferByte buffer
          && buffer.getNumBanks() == 1) { // as most are; read in place, which is several times as fast
        data = buffer.getData();
        rowStride = model.getScanlineStride();
        pixelStride = model.getPixelStride();
        offsets = model.getBandOffsets();
        start =
            buffer.getOffset()
                + (raster.getMinY() - raster.getSampleModelTranslateY()) * rowStride
                + (raster.getMinX() - raster.getSampleModelTranslateX()) * pixelStride;
      } else {
        data = null;
      }
    }

    /** [width, bands] */
    int[] read(int y) {
      if (data == null) {
        return raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
      }
      for (int band = 0; band < bands; band++) {
        int at = start + y * rowStride + offsets[band];
        for (int i = band; i < row.length; i += bands) {
          row[i] = data[at] & 255;
          at += pixelStride;
        }
      }
      return row;
    }
  }

  /** Each value stored for itself: grey, RGB or CMYK, with or without opacity, of any number of bits. */
  private static final class Components extends PixelRows {
    private final Samples samples;
    private final int bands;
    private final int colours;
    private final boolean alpha;
    private final int[] max;

    Components(Raster raster, ColorModel model) {
      super(raster.getHeight(), raster.getWidth());
      samples = new Samples(raster);
      bands = raster.getNumBands();
      colours = model.getNumColorComponents();
      alpha = model.hasAlpha();
      max = new int[bands];
      for (int i = 0; i < bands; i++) {
        max[i] = (1 << Math.min(i < model.getNumComponents() ? model.getComponentSize(i) : 8, 30)) - 1;
      }
    }

    @Override
    void read(int y, byte[] rgba) {
      int[] row = samples.read(y);
      for (int i = 0; i < bands; i++) {
        if (max[i] != 255) {
          for (int at = i; at < row.length; at += bands) {
            row[at] = (int) ((long) row[at] * 255 / max[i]);
          }
        }
      }
      for (int x = 0; x < width; x++) {
        int in = x * bands;
        int out = 4 * x;
        if (colours == 1) {
          rgba[out] = rgba[out + 1] = rgba[out + 2] = (byte) row[in];
        } else if (colours == 3) {
          rgba[out] = (byte) row[in];
          rgba[out + 1] = (byte) row[in + 1];
          rgba[out + 2] = (byte) row[in + 2];
        } else {
          Cmyk.toRgb(row[in], row[in + 1], row[in + 2], row[in + 3], rgba, out);
        }
        rgba[out + 3] = alpha ? (byte) row[in + colours] : (byte) 255;
      }
    }
  }

  /** Numbers of colours. */
  private static final class Palette extends PixelRows {
    private final Samples samples;
    private final int[] argb;

    Palette(Raster raster, IndexColorModel model) {
      super(raster.getHeight(), raster.getWidth());
      samples = new Samples(raster);
      argb = new int[model.getMapSize()];
      model.getRGBs(argb);
    }

    @Override
    void read(int y, byte[] rgba) {
      int[] row = samples.read(y);
      for (int x = 0; x < width; x++) {
        put(rgba, x, row[x] < argb.length ? argb[row[x]] : 0xff000000);
      }
    }
  }

  /** All others, by Java's own conversion. */
  private static final class Converted extends PixelRows {
    private final BufferedImage image;
    private final int[] row;

    Converted(BufferedImage image) {
      super(image.getHeight(), image.getWidth());
      this.image = image;
      row = new int[image.getWidth()];
    }

    @Override
    void read(int y, byte[] rgba) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        put(rgba, x, row[x]);
      }
    }
  }

  private static void put(byte[] rgba, int x, int argb) {
    rgba[4 * x] = (byte) (argb >> 16);
    rgba[4 * x + 1] = (byte) (argb >> 8);
    rgba[4 * x + 2] = (byte) argb;
    rgba[4 * x + 3] = (byte) (argb >>> 24);
  }
}
