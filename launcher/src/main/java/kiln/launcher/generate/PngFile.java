package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.FileImageOutputStream;
import javax.imageio.stream.ImageOutputStream;
import kiln.bindings.UserException;

/** PNG files that are whole or not there. */
final class PngFile {
  private static final String FORMAT = "javax_imageio_png_1.0";

  private PngFile() {}

  /**
   * @throws UserException if it cannot be written
   */
  static void write(Path file, BufferedImage image) {
    write(file, image, null);
  }

  /**
   * As {@link #write(Path, BufferedImage)}, with a text in a chunk {@code iTXt} of keyword {@code parameters}: UTF-8, not
   * compressed (PNG specification, 11.3.3.4).
   */
  static void write(Path file, BufferedImage image, String parameters) {
    Path target = file.toAbsolutePath();
    Path aside = target.resolveSibling(target.getFileName() + ".tmp");
    try {
      Files.createDirectories(target.getParent());
      encode(image, parameters, aside);
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  private static void encode(BufferedImage image, String parameters, Path file) throws IOException {
    Files.deleteIfExists(file); // one that is longer would keep its end
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try (ImageOutputStream out = new FileImageOutputStream(file.toFile())) {
      writer.setOutput(out);
      IIOMetadata metadata = writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
      if (parameters != null) {
        metadata.mergeTree(FORMAT, text(parameters));
      }
      writer.write(new IIOImage(image, null, metadata));
    } finally {
      writer.dispose();
    }
  }

  private static IIOMetadataNode text(String parameters) {
    IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
    entry.setAttribute("keyword", "parameters");
    entry.setAttribute("compressionFlag", "FALSE");
    entry.setAttribute("compressionMethod", "0");
    entry.setAttribute("languageTag", "");
    entry.setAttribute("translatedKeyword", "");
    entry.setAttribute("text", parameters);
    IIOMetadataNode entries = new IIOMetadataNode("iTXt");
    entries.appendChild(entry);
    IIOMetadataNode root = new IIOMetadataNode(FORMAT);
    root.appendChild(entries);
    return root;
  }

  /** {@code letters.png} and 3 → {@code letters-3.png}. */
  static Path numbered(Path file, int number) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    String extension = dot > 0 ? name.substring(dot) : "";
    return file.resolveSibling(stem + "-" + number + extension);
  }
}
