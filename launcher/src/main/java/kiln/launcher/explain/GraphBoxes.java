package kiln.launcher.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Value;
import kiln.model.plan.FlopCount;

/**
 * The forward pass of a graph as boxes and arrows between them: a box for every operation, or for all of a layer
 * whose name is as long as wanted. Parameters are not drawn, they are in the name of their layer.
 */
final class GraphBoxes {
  private static final double GIGA = 1e9;

  /** Some operations of one layer, or an input. */
  static final class Box {
    private final int number;
    private final String layer;
    private final String title;
    private String type = "";
    private int operations;
    private long flops;

    private Box(int number, String layer, String title) {
      this.number = number;
      this.layer = layer;
      this.title = title;
    }

    int number() {
      return number;
    }

    /** Dotted name; empty outside of layers. */
    String layer() {
      return layer;
    }

    /** Two short lines. */
    List<String> lines() {
      String flopText = flops == 0 ? "" : String.format(Locale.ROOT, " %.3g GFLOP", flops / GIGA);
      return List.of(title + (operations > 1 ? " (" + operations + ")" : "") + flopText, type);
    }
  }

  /** From the first box to the second. */
  record Arrow(Box from, Box to) {}

  private final int depth;
  private final List<Box> boxes = new ArrayList<>();
  private final Map<String, Box> layers = new LinkedHashMap<>();
  private final Map<Value, Box> places = new LinkedHashMap<>();
  private final Set<Arrow> arrows = new LinkedHashSet<>();

  /**
   * @param result what is drawn leads to it
   * @param depth parts of the name of a layer that is one box; {@code unet.conv_in} has two
   */
  GraphBoxes(Graph graph, Value result, int depth) {
    this.depth = depth;
    Set<Value> parameters = Set.copyOf(graph.parameters().values());
    for (Node node : graph.nodesFor(List.of(result))) {
      List<Value> read = node.inputs().stream().filter(value -> !parameters.contains(value)).toList();
      read.forEach(value -> places.computeIfAbsent(value, this::input)); // first, so that boxes are in order
      Box box = box(node);
      read.forEach(value -> connect(places.get(value), box));
      for (Value output : node.outputs()) {
        places.put(output, box);
      }
      box.type = node.output(0).type().toString();
    }
  }

  private void connect(Box from, Box to) {
    if (from != to) {
      arrows.add(new Arrow(from, to));
    }
  }

  private Box input(Value value) {
    Box box = new Box(boxes.size(), "", value.name());
    box.type = value.type().toString();
    boxes.add(box);
    return box;
  }

  private Box box(Node node) {
    String[] parts = node.scope().split("\\.");
    Box box;
    if (parts.length < depth) {
      box = new Box(boxes.size(), node.scope(), operation(node));
      boxes.add(box);
    } else {
      box = layers.computeIfAbsent(String.join(".", List.of(parts).subList(0, depth)), this::layer);
    }
    box.operations++;
    box.flops += FlopCount.of(node);
    return box;
  }

  private static String operation(Node node) {
    return node.op().getClass().getSimpleName();
  }

  /** Called by the last part of its name, with the numbers that follow it. */
  private Box layer(String name) {
    Box box = new Box(boxes.size(), name, name.replaceFirst("^.*?([^.]+(\\.\\d+)*)$", "$1"));
    boxes.add(box);
    return box;
  }

  /** In an order in which they can be computed. */
  List<Box> boxes() {
    return List.copyOf(boxes);
  }

  Set<Arrow> arrows() {
    return arrows;
  }
}
