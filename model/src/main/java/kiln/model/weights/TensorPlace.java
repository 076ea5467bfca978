package kiln.model.weights;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kiln.model.graph.Shape;

/**
 * In which files of a folder a float32 tensor lies.
 *
 * <p>A tensor of one part lies there whole, in its shape. Of one that is cut into several parts, each file holds a one-dimensional
 * tensor of the same name: so many elements of the row-major tensor.
 *
 * @param parts by their offset; together they are all of the tensor, and no element is in two of them
 */
public record TensorPlace(String tensor, Shape shape, List<Part> parts) {
  /**
   * @param file its name
   * @param offset first element
   * @param count elements: at least 1, but for a tensor that has none
   */
  public record Part(String file, long offset, long count) {}

  /**
   * @throws IllegalArgumentException if the parts leave a gap, overlap or reach beyond the tensor, two of them are in one file, or
   *     a file's name is more than a name
   */
  public TensorPlace {
    parts = List.copyOf(parts);
    Set<String> files = new HashSet<>();
    long elements = shape.elements();
    long end = 0;
    for (Part part : parts) {
      check(isFileName(part.file), part, "a file name of the index's folder");
      check(part.offset == end, part, "one from element " + end);
      check(part.count > 0 || elements == 0, part, "at least 1 element");
      check(part.count >= 0 && part.count <= elements - end, part, "at most " + (elements - end) + " elements");
      check(files.add(part.file), part, "one part in that file");
      end += part.count;
    }
    if (parts.isEmpty() || end != elements) {
      throw new IllegalArgumentException("found parts of " + end + " elements, expected all " + elements + " of " + shape);
    }
  }

  private static void check(boolean condition, Part part, String expected) {
    if (!condition) {
      String found = part.count + " elements from " + part.offset + " in " + part.file;
      throw new IllegalArgumentException("found " + found + ", expected " + expected);
    }
  }

  /** All of it in one file. */
  public static TensorPlace whole(String tensor, Shape shape, String file) {
    return new TensorPlace(tensor, shape, List.of(new Part(file, 0, shape.elements())));
  }

  /** Whether it lies in one file. */
  public boolean isWhole() {
    return parts.size() == 1;
  }

  /** Whether a name means a file of the folder it is used in, and of no other. */
  static boolean isFileName(String name) {
    try {
      return !name.isEmpty() && !name.equals(".") && !name.equals("..") && Path.of(name).equals(Path.of(name).getFileName())
          && name.indexOf('/') < 0;
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
