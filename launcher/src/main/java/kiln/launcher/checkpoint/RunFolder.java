package kiln.launcher.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/** The folder of one run: its metrics, its pictures, and {@code checkpoints/step-000123/}. */
public record RunFolder(Path path) {
  /** Ends the name of what is not complete. */
  static final String ASIDE = ".tmp";

  private static final String CHECKPOINTS = "checkpoints";
  private static final Pattern STEP = Pattern.compile("step-(\\d{6,18})");

  /**
   * Makes the folder, and removes what an interrupted run left incomplete in it.
   *
   * @throws UserException if it cannot be made
   */
  public static RunFolder create(Path path) {
    try {
      Files.createDirectories(path.resolve(CHECKPOINTS));
      try (Stream<Path> entries = Files.list(path.resolve(CHECKPOINTS))) {
        for (Path entry : entries.filter(e -> e.toString().endsWith(ASIDE)).toList()) {
          DurableFiles.deleteTree(entry);
        }
      }
      return new RunFolder(path);
    } catch (IOException e) {
      throw new UserException("option --out: " + path + ": cannot be made a folder (" + e.getMessage() + ")", e);
    }
  }

  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  public Path lossCurve() {
    return path.resolve("loss.png");
  }

  /** Where each rank keeps what its last collectives were. */
  public Path recorders() {
    return path.resolve("recorder");
  }

  /** The place of the checkpoint of that step. */
  public Path checkpoint(long step) {
    return path.resolve(CHECKPOINTS).resolve(String.format(Locale.ROOT, "step-%06d", step));
  }

  /** The checkpoint of the highest step; empty if there is none. */
  public Optional<Path> latest() {
    List<Path> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /**
   * The checkpoint that a user means by naming a checkpoint or the run that it belongs to.
   *
   * @throws UserException if there is none
   */
  public static Path resolve(String option, Path given) {
    if (!Files.isDirectory(given)) {
      throw new UserException("option " + option + ": " + given + ": no such folder, expected a run or a checkpoint");
    }
    if (Files.exists(given.resolve(TrainingRecord.FILE))) {
      return given;
    }
    return new RunFolder(given)
        .latest()
        .orElseThrow(() -> new UserException("option " + option + ": " + given + ": no checkpoint there"));
  }

  /** Deletes all checkpoints but the {@code keep} newest. */
  void prune(int keep) throws IOException {
    List<Path> all = all();
    for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
      Path aside = old.resolveSibling(old.getFileName() + ASIDE); // half a checkpoint must not look like one
      Files.move(old, aside);
      DurableFiles.deleteTree(aside);
    }
  }

  /** All complete checkpoints, by step. */
  private List<Path> all() {
    Path folder = path.resolve(CHECKPOINTS);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> step(entry) >= 0 && Files.isRegularFile(entry.resolve(TrainingRecord.FILE)))
          .sorted(Comparator.comparingLong(RunFolder::step))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The step in a checkpoint's name, or -1. */
  private static long step(Path checkpoint) {
    Matcher matcher = STEP.matcher(checkpoint.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }
}
