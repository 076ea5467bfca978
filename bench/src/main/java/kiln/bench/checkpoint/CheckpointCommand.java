package kiln.bench.checkpoint;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.CheckpointChoice;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.SavedCheckpoint;
import kiln.launcher.preset.PresetCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln bench checkpoint}. */
@Command(
    name = "checkpoint",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Saves a UNet's weights, moving average and moments as training does: GB/s beside dd conv=fsync of as many bytes in the same"
          + " folder, by turns; then beside training, how long steps wait and how much slower they are meanwhile; then how long it takes"
          + " to check every byte and to read them back.",
      ""
    })
public final class CheckpointCommand implements Callable<Integer> {
  private static final double GOAL = 0.8;
  private static final double GIGA = 1e9;
  private static final double NANO = 1e-9;
  private static final int BLOCK = 4 << 20;
  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      defaultValue = "out/bench-checkpoint",
      description = "Where to write, on the file system to be measured; must not be there, and is removed.")
  private Path folder;

  @Option(names = "--preset", paramLabel = "NAME", defaultValue = "sd21-half", description = "Whose UNet.")
  private String preset;

  @Option(names = "--latent", paramLabel = "N", defaultValue = "64", description = "Extent of the latents of a step, one sample.")
  private int latent;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Checkpoints of each kind, after one of each.")
  private int rounds;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "5", description = "Steps that are timed without a save.")
  private int steps;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (latent < 8 || latent % 8 != 0 || rounds < 1 || steps < 1) {
      throw new ParameterException(
          spec.commandLine(), "options --latent, --rounds, --steps: expected a multiple of 8, and at least 1");
    }
    if (Files.exists(folder)) {
      throw new UserException("option --folder: " + folder + " is there already, expected a new one");
    }
    try (SavingRun run = new SavingRun(PresetCatalog.get(preset, List.of()), latent, folder)) {
      writing(run, System.out);
      beside(run, System.out);
      reading(run, System.out);
    } finally {
      delete();
    }
    return 0;
  }

  private void writing(SavingRun run, PrintStream out) throws IOException, InterruptedException {
    List<Double> kiln = new ArrayList<>();
    List<Double> dd = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      run.skip();
      run.begin();
      SavedCheckpoint saved = run.await();
      double plain = dd(saved.bytes());
      if (round > 0) {
        kiln.add(saved.bytes() / saved.seconds() / GIGA);
        dd.add(saved.bytes() / plain / GIGA);
      }
    }
    print(out, "checkpoint of %.2f GB   %6.2f GB/s (%.2f–%.2f), copy, write, checksums, fsync and manifest", run.bytes() / GIGA,
        median(kiln), least(kiln), most(kiln));
    print(out, "dd conv=fsync           %6.2f GB/s (%.2f–%.2f), median of %d", median(dd), least(dd), most(dd), rounds);
    print(out, "ratio                   %6.2f      (goal: at least %.1f)", median(kiln) / median(dd), GOAL);
  }

  /** Seconds for which dd writes as many bytes and forces them to the disk. */
  private double dd(long bytes) throws IOException, InterruptedException {
    Path file = folder.resolve("dd");
    List<String> command =
        List.of("dd", "if=/dev/zero", "of=" + file, "bs=" + BLOCK, "count=" + bytes / BLOCK, "conv=fsync", "status=none");
    long start = System.nanoTime();
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    double seconds = (System.nanoTime() - start) * NANO;
    Files.deleteIfExists(file);
    if (status != 0) {
      throw new UserException("dd ended with exit status " + status + " in " + folder);
    }
    return seconds;
  }

  private void beside(SavingRun run, PrintStream out) throws InterruptedException {
    run.step();
    List<Double> alone = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      alone.add(run.step());
    }
    List<Double> stalls = new ArrayList<>();
    List<Double> disturbed = new ArrayList<>();
    List<Double> seconds = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      double stall = run.begin();
      List<Double> during = new ArrayList<>();
      while (run.advance()) {
        during.add(run.step());
      }
      SavedCheckpoint saved = run.await();
      if (round > 0) {
        stalls.add(stall);
        disturbed.addAll(during);
        seconds.add(saved.seconds());
      }
      run.step();
    }
    print(out, "training waits          %6.3f s (%.3f–%.3f) = %.3f steps of %.3f s (goal: less than one)", median(stalls),
        least(stalls), most(stalls), median(stalls) / median(alone), median(alone));
    print(out, "steps beside the save   %6.3f s (%.3f–%.3f), a save takes %.2f s then", median(disturbed), least(disturbed),
        most(disturbed), median(seconds));
  }

  private void reading(SavingRun run, PrintStream out) throws IOException {
    boolean cold = dropCaches();
    String from = cold ? "from the disk" : "from the page cache (only root can empty it)";
    long start = System.nanoTime();
    Path checkpoint = CheckpointChoice.newest(run.folder(), System.err::println).orElseThrow();
    double checked = (System.nanoTime() - start) * NANO;
    run.restore(checkpoint);
    double resumed = (System.nanoTime() - start) * NANO;
    print(out, "resume                  %6.2f s %s: every byte checked after %.2f s (%.2f GB/s), then read", resumed, from, checked,
        run.bytes() / checked / GIGA);
  }

  private static boolean dropCaches() {
    try {
      Files.writeString(DROP_CACHES, "3");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void delete() throws IOException {
    RunFolder run = new RunFolder(folder);
    for (Path checkpoint : run.all()) {
      RunFolder.delete(checkpoint);
    }
    Files.deleteIfExists(folder.resolve("checkpoints/latest"));
    Files.deleteIfExists(folder.resolve("checkpoints"));
    Files.deleteIfExists(folder.resolve("dd"));
    Files.deleteIfExists(folder);
  }

  private static void print(PrintStream out, String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  private static double least(List<Double> values) {
    return values.stream().mapToDouble(v -> v).min().orElseThrow();
  }

  private static double most(List<Double> values) {
    return values.stream().mapToDouble(v -> v).max().orElseThrow();
  }
}
