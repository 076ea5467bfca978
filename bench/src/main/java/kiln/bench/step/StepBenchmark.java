package kiln.bench.step;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs cases in Kiln and in PyTorch by turns, each in a process of its own so that peak memory is its own; before each, the
 * machine's peak product rate is measured. Says medians, spread, the ratio of the medians, peak memory of both, and the share of
 * the machine's peak that Kiln reached.
 */
final class StepBenchmark {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final double GIGA = 1e9;
  private static final double SAME_FLOPS = 0.01;

  private final SideProcess process;
  private final int rounds;
  private final boolean profile;
  private final PrintStream out;

  /**
   * @param rounds processes of each side
   * @param profile whether Kiln's side prints its slowest kinds of launches, in the first round
   */
  StepBenchmark(SideProcess process, int rounds, boolean profile, PrintStream out) {
    this.process = process;
    this.rounds = rounds;
    this.profile = profile;
    this.out = out;
  }

  /**
   * Measures one case and prints its lines.
   *
   * @return the row of a table of Markdown; empty if Kiln cannot do the case, which has been said then
   * @throws IllegalStateException if the two sides are not the same networks
   */
  Optional<String> run(NamedCase named) throws IOException {
    StepCase c = named.make();
    Path file = Files.createTempFile("kiln-case", ".json");
    try {
      JSON.writeValue(file, c);
      return measure(named, c, file);
    } catch (SideProcess.CannotException e) {
      out.println(named.label() + ": " + e.getMessage());
      return Optional.empty();
    } finally {
      Files.delete(file);
    }
  }

  private Optional<String> measure(NamedCase named, StepCase c, Path file) throws IOException {
    List<Outcome> kiln = new ArrayList<>();
    List<Outcome> torch = new ArrayList<>();
    double peak = 0;
    for (int i = 0; i < rounds; i++) {
      peak = Math.max(peak, Double.parseDouble(process.kiln(c, file, KilnSide.PEAK)));
      kiln.add(JSON.readValue(process.kiln(c, file, profile && i == 0 ? KilnSide.PROFILE : ""), Outcome.class));
      if (process.hasPeer()) {
        torch.add(JSON.readValue(process.peer(c, file), Outcome.class));
      }
    }
    return Optional.of(report(named, Side.of(kiln), torch.isEmpty() ? null : Side.of(torch), peak));
  }

  private String report(NamedCase named, Side kiln, Side torch, double peak) {
    double rate = kiln.last().totalFlops() / kiln.median();
    String speed = String.format(Locale.ROOT, "%.0f GFLOP/s", rate / GIGA);
    String share = String.format(Locale.ROOT, "%.0f %%", 100 * rate / peak);
    String most = String.format(Locale.ROOT, "%.0f GFLOP/s", peak / GIGA);
    String heap = String.format(Locale.ROOT, "%,d", kiln.last().heapBytes());
    String size = String.format(Locale.ROOT, "%.1f GFLOP", kiln.last().totalFlops() / GIGA);
    out.printf(
        Locale.ROOT, "%s: %s of %,d parameters, %s%n", named.label(), named.kind(), kiln.last().parameters(), size);
    out.printf(
        Locale.ROOT, "  Kiln     %s  %.2f GB  %s, %s of the peak %s; %s bytes of Java heap%n", kiln.time(), kiln.gigabytes(), speed,
        share, most, heap);
    String peerTime = "";
    String peerMemory = "";
    String faster = "";
    String smaller = "";
    if (torch != null) {
      checkSame("parameters", kiln.last().parameters(), torch.last().parameters(), 0);
      checkSame("forward FLOPs", kiln.last().flops(), torch.last().flops(), SAME_FLOPS);
      peerTime = torch.time();
      peerMemory = String.format(Locale.ROOT, "%.2f", torch.gigabytes());
      faster = String.format(Locale.ROOT, "%.2f", torch.median() / kiln.median());
      smaller = String.format(Locale.ROOT, "%.2f", kiln.gigabytes() / torch.gigabytes());
      out.printf(Locale.ROOT, "  PyTorch  %s  %s GB%n", peerTime, peerMemory);
      out.printf(Locale.ROOT, "  time of PyTorch / Kiln %s, memory of Kiln / PyTorch %s%n", faster, smaller);
    }
    String peerFirst = torch == null ? "" : String.format(Locale.ROOT, ", PyTorch %.3f s", torch.medianFirst());
    out.printf(Locale.ROOT, "  a process's first run, not timed above: Kiln %.3f s%s%n", kiln.medianFirst(), peerFirst);
    out.flush();
    String memory = String.format(Locale.ROOT, "%.2f", kiln.gigabytes());
    return row(named.label(), size, kiln.time(), peerTime, faster, memory, peerMemory, smaller, speed, most, share, heap);
  }

  /** The two lines above the rows. */
  static String heading() {
    String titles =
        row(
            "case", "FLOPs", "Kiln", "PyTorch", "PyTorch / Kiln", "Kiln GB", "PyTorch GB", "Kiln / PyTorch", "Kiln's rate",
            "machine's peak", "share", "heap bytes");
    return titles + System.lineSeparator() + titles.replaceAll("[^|]+", "---");
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  private static void checkSame(String what, double kiln, double torch, double tolerance) {
    if (Math.abs(kiln - torch) > tolerance * torch) {
      throw new IllegalStateException(what + " differ: Kiln " + kiln + ", PyTorch " + torch);
    }
  }
}
