package kiln.bench.scaling;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kiln.collectives.AllReduceCost;

/** What the model says of a network on many nodes of one rank each: a table and a plot. */
final class Prediction {
  private static final int[] RANKS = {8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
  private static final long LEAST_BUCKET = 256 << 10;
  private static final double GIGA = 1e9;

  private final String subject;
  private final StepModel model;
  private final double reduceSeconds;

  /**
   * @param subject for titles
   * @param model of one rank's step
   * @param reduceSeconds to add a byte to another
   */
  Prediction(String subject, StepModel model, double reduceSeconds) {
    this.subject = subject;
    this.model = model;
    this.reduceSeconds = reduceSeconds;
  }

  /** Weak scaling: what a rank does alone, as a share of what it takes among others. */
  private double efficiency(Link link, int ranks, boolean overlaps) {
    AllReduceCost cost = link.allReduce(ranks, reduceSeconds);
    long bucket = cost.bucketBytes(model.totalBytes(), LEAST_BUCKET, model.totalBytes());
    return model.alone() / model.seconds(cost, bucket, overlaps, 0);
  }

  private double[] efficiencies(Link link, boolean overlaps) {
    double[] found = new double[RANKS.length];
    for (int i = 0; i < RANKS.length; i++) {
      found[i] = efficiency(link, RANKS[i], overlaps);
    }
    return found;
  }

  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%s: a rank alone takes %.3f s a step, gradients are %.2f GB%n%n",
        subject, model.alone(), model.totalBytes() / GIGA);
    StringBuilder heading = new StringBuilder("| network | overlap |");
    StringBuilder rule = new StringBuilder("|---|---|");
    for (int ranks : RANKS) {
      heading.append(' ').append(ranks).append(" |");
      rule.append("---|");
    }
    out.println(heading);
    out.println(rule);
    for (Link link : Link.ALL) {
      for (boolean overlaps : new boolean[] {true, false}) {
        StringBuilder row = new StringBuilder("| " + link.name() + " | " + (overlaps ? "on" : "off") + " |");
        for (double efficiency : efficiencies(link, overlaps)) {
          row.append(String.format(Locale.ROOT, " %.0f %% |", 100 * efficiency));
        }
        out.println(row);
      }
    }
    out.println();
  }

  void draw(Path file) throws IOException {
    List<ScalingPlot.Curve> curves = new ArrayList<>();
    for (int i = 0; i < Link.ALL.size(); i++) {
      Link link = Link.ALL.get(i);
      curves.add(new ScalingPlot.Curve(link.name(), i, true, efficiencies(link, true)));
      curves.add(new ScalingPlot.Curve(link.name() + ", no overlap", i, false, efficiencies(link, false)));
    }
    ScalingPlot.write(file, "Efficiency of weak scaling, predicted: " + subject, RANKS, curves);
  }
}
