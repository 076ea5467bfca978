package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.launcher.backend.GpuCard;
import kiln.launcher.explain.CardFit;
import kiln.launcher.explain.ExplainedMachine;
import kiln.launcher.explain.Explanation;
import kiln.launcher.explain.GraphFile;
import kiln.launcher.explain.MachinePeaks;
import kiln.launcher.explain.Planner;
import kiln.launcher.explain.Shapes;
import kiln.launcher.explain.Subject;
import kiln.launcher.explain.Subjects;
import kiln.launcher.preset.Precision;
import kiln.launcher.preset.PresetJson;
import kiln.model.graph.DType;
import kiln.model.pass.Remat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says what a training step, or a network's forward pass, will compute, move and hold: nothing is allocated or run.",
      "",
      "FLOPs are those of products and convolutions. Times are what the machine's peaks allow at best, kernel by kernel."
    })
final class ExplainCommand implements Runnable {
  private static final double GIGA = 1e9;
  private static final double MILLI = 1e3;

  @Option(
      names = "--preset",
      required = true,
      paramLabel = "NAME",
      description = "A preset, of which the training step is explained, or a network, of which the forward pass is"
          + " (see kiln presets).")
  private String preset;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "As in train: a value to replace; may be repeated.")
  private List<String> settings = List.of();

  @Option(names = "--size", paramLabel = "HxW", description = "Of the pictures, in pixels; the network's own if not given.")
  private String size;

  @Option(names = "--shape", paramLabel = "HxW", description = "Of the latents that a UNet reads, instead of --size.")
  private String shape;

  @Option(names = "--batch", paramLabel = "N", description = "Samples of one forward; the preset's micro_batch, or 1.")
  private Integer batch;

  @Option(names = "--tokens", paramLabel = "N", description = "Of captions or texts; 128, or as many as the network takes.")
  private Integer tokens;

  @Mixin private PrecisionMixin precision;

  @Mixin private BackendMixin backend;

  @Option(
      names = "--card",
      paramLabel = "NAME",
      description = "A GPU that need not be here, instead of --backend, by what its data sheet says: ${COMPLETION-CANDIDATES}.",
      completionCandidates = Cards.class)
  private String card;

  @Option(
      names = "--remat",
      paramLabel = "WHAT",
      description = "As in train: what a training step computes once more to hold less, none, blocks or full; what the preset"
          + " says if not given.")
  private Remat remat;

  @Option(
      names = "--encoded",
      description = "A training step on data that kiln data encode has made: frozen networks are not run.")
  private boolean encoded;

  @Option(
      names = "--peak-product",
      paramLabel = "GFLOP/S",
      description = "The machine's peak of products; measured if not given, with --peak-copy, in about two seconds. With --card"
          + " that of the data sheet.")
  private Double peakProduct;

  @Option(names = "--peak-copy", paramLabel = "GB/S", description = "The machine's peak of a copy, bytes read plus written.")
  private Double peakCopy;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @Option(
      names = "--graph",
      paramLabel = "FILE",
      description = "Draw the forward pass into FILE.dot (for Graphviz), with a cluster around every layer, or FILE.svg.")
  private Path graph;

  @Option(
      names = "--graph-depth",
      paramLabel = "N",
      defaultValue = "99",
      description = "Draw a layer whose name has N parts, as unet.mid_block has 2, as one box. Default: every operation.")
  private int depth;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    require(batch == null || batch >= 1, "--batch: expected at least 1, found " + batch);
    require(tokens == null || tokens >= 1, "--tokens: expected at least 1, found " + tokens);
    require(depth >= 1, "--graph-depth: expected at least 1, found " + depth);
    require(size == null || shape == null, "--size: expected one of --size and --shape, found both");
    require(peakProduct == null || peakProduct > 0, "--peak-product: expected more than 0, found " + peakProduct);
    require(peakCopy == null || peakCopy > 0, "--peak-copy: expected more than 0, found " + peakCopy);
    GraphFile drawing = graph == null ? null : new GraphFile(graph);
    ExplainedMachine machine = ExplainedMachine.of(backend.choice(), card);
    Precision used = precision.precision(Subjects.precision(preset, settings));
    if (machine.isProcessor()) {
      used = used.onThisProcessor(warning -> spec.commandLine().getErr().println("kiln: warning: " + warning));
    }
    Shapes shapes = new Shapes(extent("--size", size), extent("--shape", shape), batch, tokens, used, remat, encoded);
    Planner planner = machine.planner(used.compute());
    Subject subject = subject(shapes, planner);
    CardFit fit =
        machine.isProcessor()
            ? null
            : CardFit.of(preset, settings, shapes, planner, machine.name(), machine.bytes());
    Explanation explanation = Explanation.of(subject, peaks(machine, subject.compute()), fit);
    if (json) {
      out.println(PresetJson.MAPPER.writeValueAsString(explanation));
    } else {
      print(out, explanation);
    }
    if (drawing != null) {
      drawing.write(subject, depth);
    }
    out.flush();
  }

  private Subject subject(Shapes shapes, Planner planner) {
    try {
      return Subjects.of(preset, settings, shapes, planner);
    } catch (ArithmeticException e) {
      throw new UserException("option --batch: expected fewer or smaller samples: a kernel would have more than it can count", e);
    }
  }

  private void require(boolean holds, String line) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), "option " + line);
    }
  }

  private Shapes.Extent extent(String option, String text) {
    if (text == null) {
      return null;
    }
    BucketTable.Size parsed = Sizes.parse(spec, option, text);
    require(parsed.height() > 0 && parsed.width() > 0, option + ": expected at least 1x1, found " + text);
    return new Shapes.Extent(parsed.height(), parsed.width());
  }

  private MachinePeaks peaks(ExplainedMachine machine, DType type) {
    if (peakProduct != null && peakCopy != null) {
      return new MachinePeaks(peakProduct * GIGA, peakCopy * GIGA, "as given");
    }
    MachinePeaks known = machine.peaks(type);
    boolean given = peakProduct != null || peakCopy != null;
    return new MachinePeaks(
        peakProduct == null ? known.flops() : peakProduct * GIGA,
        peakCopy == null ? known.bytes() : peakCopy * GIGA,
        given ? "one as given, the other: " + known.source() : known.source());
  }

  /** Names for the help. */
  static final class Cards extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Cards() {
      super(GpuCard.names());
    }
  }

  private static void print(PrintWriter out, Explanation e) {
    out.println(e.subject());
    out.println();
    out.printf(
        Locale.ROOT, "%,d kernels, %s GFLOP, at least %s GB read and written%n", e.launches(), giga(e.flops()), giga(e.bytes()));
    out.printf(
        Locale.ROOT, "at best %s with %.0f GFLOP/s and %.1f GB/s", seconds(e.runSeconds()), e.peakFlops() / GIGA,
        e.peakBytes() / GIGA);
    if (e.card() != null) {
      out.printf(" (%s)", e.peaksFrom());
    }
    if (e.stepSeconds() > e.runSeconds()) {
      String runs = e.runs() == 1 ? "" : " (" + e.runs() + " micro-batches)";
      out.printf("; the step with its optimizer %s%s", seconds(e.stepSeconds()), runs);
    }
    out.println();
    out.println();
    TextTable kinds = new TextTable("kind", "kernels>", "GFLOP>", "GB>", "at best, ms>");
    for (Explanation.Kind kind : e.kinds()) {
      String flops = kind.flops() == 0 ? "" : giga(kind.flops());
      kinds.add(kind.name(), kind.launches(), flops, giga(kind.bytes()), decimals(kind.seconds() * MILLI));
    }
    kinds.print(out);
    out.println();
    TextTable memory = new TextTable("memory, when most is needed", "GB>");
    e.memory().forEach(part -> memory.add(part.name(), giga(part.bytes())));
    if (e.card() == null) {
      memory.add("all of it (the Java heap and libraries come on top)", giga(e.memoryBytes()));
      memory.print(out);
    } else {
      memory.add("CUDA's context and libraries (an estimate)", giga(e.card().setAside()));
      memory.add("all of it", giga(e.memoryBytes() + e.card().setAside()));
      memory.print(out);
      out.println();
      printFit(out, e);
    }
    out.println();
    TextTable buffers = new TextTable("largest buffers of the plan", "MB>", "type", "operation", "use");
    for (Explanation.LargeBuffer buffer : e.buffers()) {
      buffers.add(buffer.layer(), decimals(buffer.bytes() / 1e6), buffer.type(), buffer.operation(), buffer.use());
    }
    buffers.print(out);
    if (!e.shards().isEmpty()) {
      out.println();
      ShardTable.print(out, e.shards());
    }
  }

  private static void printFit(PrintWriter out, Explanation e) {
    CardFit card = e.card();
    long needed = e.memoryBytes() + card.setAside();
    double share = 100.0 * needed / card.bytes();
    out.printf(
        Locale.ROOT, "%s of %s GB: %s, %.0f %% of its memory%n", card.name(), giga(card.bytes()),
        needed <= card.bytes() ? "fits" : "does not fit", share);
    String largest = card.largestBatch() == 0 ? "none" : Integer.toString(card.largestBatch());
    String more = card.largestBatch() == CardFit.MOST ? " or more" : "";
    out.println((e.stepSeconds() > e.runSeconds() ? "largest micro-batch that fits: " : "largest batch that fits: ") + largest + more);
    if (!card.plannedWith().equals("cuda")) {
      out.println(
          "planned with the kernels of " + card.plannedWith() + ", for there is no such GPU here: those of cuda may want other"
              + " scratch memory");
    }
  }

  private static String giga(long amount) {
    return decimals(amount / GIGA);
  }

  private static String decimals(double number) {
    return String.format(Locale.ROOT, "%,.3f", number);
  }

  private static String seconds(double seconds) {
    return seconds < 1
        ? String.format(Locale.ROOT, "%.2f ms", seconds * MILLI)
        : String.format(Locale.ROOT, "%.2f s", seconds);
  }
}
