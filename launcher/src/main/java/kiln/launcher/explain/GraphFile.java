package kiln.launcher.explain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import kiln.bindings.UserException;

/** A file with a picture of a traced graph: {@code .dot} or {@code .gv} for Graphviz, or {@code .svg}. */
public final class GraphFile {
  private final Path file;
  private final boolean svg;

  /**
   * @throws UserException if the name has another ending, or the folder is not there
   */
  public GraphFile(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString().toLowerCase(Locale.ROOT);
    this.file = file;
    this.svg = name.endsWith(".svg");
    if (!svg && !name.endsWith(".dot") && !name.endsWith(".gv")) {
      throw new UserException("option --graph: expected a file that ends in .dot, .gv or .svg, found " + file);
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
      throw new UserException("option --graph: expected a file in a folder that is there, found " + file);
    }
  }

  /**
   * Writes the forward pass, and replaces what was there.
   *
   * @param depth parts of the name of a layer that is drawn as one box
   * @throws UserException if it cannot be written
   */
  public void write(Subject subject, int depth) {
    GraphBoxes boxes = new GraphBoxes(subject.graph(), subject.result(), depth);
    String text = svg ? SvgWriter.write(subject.description(), boxes) : DotWriter.write(subject.description(), boxes);
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.writeString(part, text);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UserException("option --graph: " + file + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }
}
