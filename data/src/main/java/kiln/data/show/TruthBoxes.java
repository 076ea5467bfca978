package kiln.data.show;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Finds places in a picture anywhere in a truth, without knowing its shape: a field {@code box} (or {@code bbox}, or any that
 * ends in {@code Box}) that is {@code [x, y, width, height]} or an object of these; {@code boxes}, a list of such; and {@code
 * quad}, {@code polygon} or {@code corners}, three or more corners as {@code [[x, y], …]}, {@code [{"x":…, "y":…}, …]} or one
 * list of numbers. An object that has both is where its quad is; the box is only around it. All are pixels from the left and the
 * top.
 */
public final class TruthBoxes {
  /** More in one truth are not looked for. */
  static final int MOST_SHAPES = 5_000;

  private static final int DEEPEST = 64;
  private static final double FARTHEST = 1e6;
  private static final Set<String> QUADS = Set.of("quad", "quads", "polygon", "polygons", "corners");
  private static final List<String> LABELS = List.of("text", "label", "name", "class");

  private final List<Shape> shapes = new ArrayList<>();

  private TruthBoxes() {}

  /**
   * A place.
   *
   * @param kind what the list or field that it stands in is called, such as {@code words}
   * @param label the text beside it, or nothing
   * @param corners x and y in turn
   */
  public record Shape(String kind, String label, List<Double> corners) {
    /** Whether a corner lies outside a picture by more than half a pixel. */
    public boolean leaves(int height, int width) {
      for (int i = 0; i < corners.size(); i += 2) {
        double x = corners.get(i);
        double y = corners.get(i + 1);
        if (x < -0.5 || y < -0.5 || x > width + 0.5 || y > height + 0.5) {
          return true;
        }
      }
      return false;
    }
  }

  /** All places, in the order of the truth. */
  public static List<Shape> in(JsonNode truth) {
    TruthBoxes boxes = new TruthBoxes();
    boxes.walk(truth, "", 0);
    return List.copyOf(boxes.shapes);
  }

  private void walk(JsonNode node, String kind, int depth) {
    if (depth > DEEPEST) {
      return;
    }
    if (node.isArray()) {
      for (JsonNode element : node) {
        walk(element, kind, depth + 1);
      }
    }
    boolean turned =
        QUADS.stream().anyMatch(name -> node.has(name) && !found(name, node.path(name)).isEmpty());
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String name = field.getKey();
      List<List<Double>> found = found(name, field.getValue());
      if (found.isEmpty()) {
        walk(field.getValue(), name, depth + 1);
      } else if (!turned || QUADS.contains(name)) {
        add(kind.isEmpty() ? name : kind, label(node), found);
      }
    }
  }

  private void add(String kind, String label, List<List<Double>> found) {
    for (List<Double> corners : found) {
      if (shapes.size() < MOST_SHAPES) {
        shapes.add(new Shape(kind, label, corners));
      }
    }
  }

  private static List<List<Double>> found(String name, JsonNode value) {
    boolean quad = QUADS.contains(name);
    boolean box = name.equals("box") || name.endsWith("Box") || name.endsWith("_box") || name.startsWith("bbox");
    boolean boxes = name.equals("boxes") || name.endsWith("Boxes");
    if (!quad && !box && !boxes) {
      return List.of();
    }
    List<Double> one = quad ? corners(value) : box(value);
    if (!one.isEmpty()) {
      return List.of(one);
    }
    List<List<Double>> all = new ArrayList<>();
    for (JsonNode element : value) {
      List<Double> each = quad ? corners(element) : box(element);
      if (each.isEmpty()) {
        return List.of(); // objects with boxes of their own, or something else
      }
      all.add(each);
    }
    return all;
  }

  private static List<Double> box(JsonNode value) {
    double x;
    double y;
    double width;
    double height;
    if (value.isArray() && value.size() == 4) {
      x = number(value.path(0));
      y = number(value.path(1));
      width = number(value.path(2));
      height = number(value.path(3));
    } else {
      x = number(either(value, "x", "left"));
      y = number(either(value, "y", "top"));
      width = number(either(value, "width", "w"));
      height = number(either(value, "height", "h"));
    }
    boolean sound = Double.isFinite(x + y + width + height) && width >= 0 && height >= 0;
    return sound ? List.of(x, y, x + width, y, x + width, y + height, x, y + height) : List.of();
  }

  private static List<Double> corners(JsonNode value) {
    List<Double> corners = new ArrayList<>();
    if (value.isArray()) {
      for (JsonNode element : value) {
        if (element.isNumber()) {
          corners.add(number(element));
        } else {
          corners.add(number(element.isArray() ? element.path(0) : element.path("x")));
          corners.add(number(element.isArray() ? element.path(1) : element.path("y")));
        }
      }
    }
    boolean sound = corners.size() >= 6 && corners.size() % 2 == 0 && corners.stream().allMatch(Double::isFinite);
    return sound ? List.copyOf(corners) : List.of();
  }

  private static JsonNode either(JsonNode object, String name, String other) {
    return object.has(name) ? object.path(name) : object.path(other);
  }

  /** NaN for what is no number that a picture may have. */
  private static double number(JsonNode value) {
    double number = value.isNumber() ? value.asDouble() : Double.NaN;
    return Math.abs(number) <= FARTHEST ? number : Double.NaN;
  }

  private static String label(JsonNode object) {
    for (String name : LABELS) {
      if (object.path(name).isString()) {
        return object.path(name).stringValue();
      }
    }
    return "";
  }
}
