package kiln.launcher.jobs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.data.dataset.BuildOptions;
import kiln.data.dataset.DatasetBuilder;
import kiln.data.queue.Manifest;
import kiln.data.source.Source;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.control.ControlOptions;
import kiln.launcher.guard.GuardOptions;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.telemetry.DatasetReport;
import kiln.launcher.telemetry.MetricsLog;
import kiln.launcher.telemetry.StepMetrics;
import kiln.launcher.train.DataOptions;
import kiln.launcher.train.SaveOptions;
import kiln.launcher.train.TrainRequest;
import kiln.launcher.train.TrainingSupervisor;

/**
 * Where a job's stages leave what they made. A stage that is complete is not done again, so that a job that was stopped goes on
 * where it was.
 *
 * <pre>
 *   DIR/data/    the data set
 *   DIR/vae/     the autoencoder's run
 *   DIR/model/   the diffusion model's run
 * </pre>
 *
 * @param path DIR
 * @param ranks processes that train
 * @param command that goes on with the job
 */
record JobFolder(Path path, int ranks, String command) {
  /** Ends a job whose training was stopped, or failed; the reason has been said. */
  static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Ended(int status) {
      super("exit status " + status, null, false, false);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  Path data() {
    return path.resolve("data");
  }

  Path vae() {
    return path.resolve("vae");
  }

  Path model() {
    return path.resolve("model");
  }

  /** Makes the data set. */
  void build(Source source, PrintStream out) {
    if (Files.exists(data().resolve(Manifest.FILE))) {
      out.println(data() + ": there already");
      return;
    }
    Manifest manifest = DatasetBuilder.build(source, data(), BuildOptions.defaults(), (split, done, total) -> {});
    DatasetReport.print(manifest, out);
  }

  /**
   * Trains a preset into {@code run}.
   *
   * @param vae the autoencoder's run; null if the preset trains one
   * @throws Ended if training failed or was stopped
   */
  void train(String preset, List<String> settings, Path run, Path vae) {
    Preset recipe = PresetCatalog.get(preset, settings);
    if (complete(run, recipe)) {
      System.out.println(run + ": trained already");
      return;
    }
    TrainRequest request =
        new TrainRequest(recipe, data(), DataOptions.STANDARD, run, ranks, true, 0, null, vae, SaveOptions.keeping(1),
            BackendChoice.AUTO, null, GradientOptions.STANDARD, GuardOptions.STANDARD, Sharding.NONE, null, ControlOptions.DEFAULT, command);
    int status = new TrainingSupervisor(System.out, System.err).run(request);
    if (status != ExitStatus.OK) {
      throw new Ended(status);
    }
  }

  /** Whether all steps are made and the loss after the last one is measured. */
  private static boolean complete(Path run, Preset preset) {
    boolean trained = new RunFolder(run).latest().map(c -> TrainingRecord.read(c).step() >= preset.steps()).orElse(false);
    return trained && validated(run).stream().anyMatch(m -> m.step() >= preset.steps());
  }

  /** As in {@code validation loss of RUN: 0.9512 at the start, 0.2031 at the end}. */
  static String validationLosses(Path run) {
    List<StepMetrics> measured = validated(run);
    double first = measured.getFirst().validationLoss();
    double last = measured.getLast().validationLoss();
    return String.format(
        Locale.ROOT, "validation loss of %s: %.4f at the start, %.4f at the end", run.getFileName(), first, last);
  }

  private static List<StepMetrics> validated(Path run) {
    try {
      return MetricsLog.read(new RunFolder(run).metrics()).stream().filter(m -> m.validationLoss() != null).toList();
    } catch (IOException e) {
      throw new UserException(run + ": metrics cannot be read (" + e.getMessage() + ")", e);
    }
  }
}
