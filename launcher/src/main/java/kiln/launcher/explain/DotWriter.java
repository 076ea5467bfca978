package kiln.launcher.explain;

import java.util.LinkedHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.launcher.explain.GraphBoxes.Arrow;
import kiln.launcher.explain.GraphBoxes.Box;

/** Boxes and arrows in the DOT language of Graphviz, a cluster around every layer. */
final class DotWriter {
  private final StringBuilder out = new StringBuilder();
  private int clusters;

  private DotWriter() {}

  /** A layer with those in it. */
  private static final class Layer {
    private final Map<String, Layer> inner = new LinkedHashMap<>();
    private final List<Box> boxes = new ArrayList<>();

    void add(List<String> path, Box box) {
      if (path.isEmpty()) {
        boxes.add(box);
      } else {
        inner.computeIfAbsent(path.getFirst(), name -> new Layer()).add(path.subList(1, path.size()), box);
      }
    }
  }

  static String write(String title, GraphBoxes graph) {
    DotWriter writer = new DotWriter();
    Layer root = new Layer();
    for (Box box : graph.boxes()) {
      root.add(box.layer().isEmpty() ? List.of() : List.of(box.layer().split("\\.")), box);
    }
    writer.out.append("digraph kiln {\n");
    writer.line(1, "label=" + quoted(title) + "; labelloc=t; fontname=\"sans-serif\"; compound=true;");
    writer.line(1, "node [shape=box, style=\"rounded,filled\", fillcolor=\"#f4f6fa\", fontname=\"sans-serif\", fontsize=10];");
    writer.line(1, "edge [color=\"#667\", arrowsize=0.6];");
    writer.layer(root, 1);
    for (Arrow arrow : graph.arrows()) {
      writer.line(1, "n" + arrow.from().number() + " -> n" + arrow.to().number() + ";");
    }
    return writer.out.append("}\n").toString();
  }

  private void layer(Layer layer, int indent) {
    for (Box box : layer.boxes) {
      line(indent, "n" + box.number() + " [label=" + quoted(String.join("\n", box.lines())) + "];");
    }
    layer.inner.forEach((name, inner) -> {
      line(indent, "subgraph cluster_" + clusters++ + " {");
      line(indent + 1, "label=" + quoted(name) + "; color=\"#99a\";");
      layer(inner, indent + 1);
      line(indent, "}");
    });
  }

  private void line(int indent, String text) {
    out.repeat("  ", indent).append(text).append('\n');
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
