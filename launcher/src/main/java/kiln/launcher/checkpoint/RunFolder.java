package kiln.launcher.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/** The folder of one run: its metrics, its pictures, and {@code checkpoints/step-000123/}. */
public record RunFolder(Path path) {
  /** Ends the name of what is not complete. */
  static final String ASIDE = ".tmp";

  /** Ends the name of a checkpoint that a run did not go on from because it is damaged. */
  static final String DAMAGED = ".damaged";

  private static final String CHECKPOINTS = "checkpoints";
  private static final String LATEST = "latest";
  private static final Pattern STEP = Pattern.compile("step-(\\d{6,18})");

  /**
   * Makes the folder.
   *
   * @throws UserException if it cannot be made
   */
  public static RunFolder create(Path path) {
    try {
      Files.createDirectories(path.resolve(CHECKPOINTS));
      return new RunFolder(path);
    } catch (IOException e) {
      throw new UserException("option --out: " + path + ": cannot be made a folder (" + DurableFiles.reason(e) + ")", e);
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

  Path checkpoints() {
    return path.resolve(CHECKPOINTS);
  }

  /** The place of the checkpoint of that step. */
  public Path checkpoint(long step) {
    return checkpoints().resolve(String.format(Locale.ROOT, "step-%06d", step));
  }

  /** The checkpoint of the highest step; empty if there is none. */
  public Optional<Path> latest() {
    List<Path> all = complete();
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
    if (isComplete(given)) {
      return given;
    }
    return new RunFolder(given)
        .latest()
        .orElseThrow(() -> new UserException("option " + option + ": " + given + ": no checkpoint there"));
  }

  /** Whether a folder holds a checkpoint that was written to its end. */
  public static boolean isComplete(Path checkpoint) {
    return Files.isRegularFile(checkpoint.resolve(CheckpointManifest.FILE));
  }

  /** All that were written to their end, by step. */
  public List<Path> complete() {
    return all().stream().filter(RunFolder::isComplete).toList();
  }

  /** All, also those that were not written to their end, by step. */
  public List<Path> all() {
    return list(entry -> step(entry) >= 0).stream().sorted(Comparator.comparingLong(RunFolder::step)).toList();
  }

  private List<Path> list(Predicate<Path> filter) {
    if (!Files.isDirectory(checkpoints())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(checkpoints())) {
      return entries.filter(filter).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The step in a checkpoint's name, or -1. */
  public static long step(Path checkpoint) {
    Matcher matcher = STEP.matcher(checkpoint.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  /** Removes what was not written to its end. Nobody may be writing. */
  public void removeIncomplete() {
    try {
      for (Path half : list(e -> e.toString().endsWith(ASIDE) || step(e) >= 0 && !isComplete(e))) {
        DurableFiles.deleteTree(half);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Puts aside what comes after the step that the run goes on from: it is damaged, or the run would have gone on from there.
   *
   * @param step 0 if the run begins
   */
  public void putAsideAfter(long step) {
    try {
      for (Path later : complete().stream().filter(c -> step(c) > step).toList()) {
        Path aside = later.resolveSibling(later.getFileName() + DAMAGED);
        DurableFiles.deleteTree(aside);
        Files.move(later, aside);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private UserException failure(IOException cause) {
    return new UserException(checkpoints() + ": cannot be changed (" + DurableFiles.reason(cause) + ")", cause);
  }

  /** Has {@code latest} name a checkpoint: a file with the folder's name, replaced as a whole. */
  void point(Path checkpoint) throws IOException {
    Path aside = checkpoints().resolve(LATEST + ASIDE);
    Files.deleteIfExists(aside);
    DurableFiles.write(aside, (checkpoint.getFileName() + "\n").getBytes(StandardCharsets.US_ASCII));
    DurableFiles.rename(aside, checkpoints().resolve(LATEST));
  }

  /** The place that {@code latest} names; empty if it is not there, or names no place of a checkpoint. */
  public Optional<Path> pointed() {
    try {
      String name = Files.readString(checkpoints().resolve(LATEST), StandardCharsets.ISO_8859_1).strip();
      return STEP.matcher(name).matches() ? Optional.of(checkpoints().resolve(name)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UserException(checkpoints().resolve(LATEST) + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** Deletes what need not stay of the complete ones. */
  public void prune(Retention retention) throws IOException {
    for (long step : retention.superfluous(complete().stream().map(RunFolder::step).toList())) {
      delete(checkpoint(step));
    }
  }

  /** Deletes a checkpoint; what is left if that is interrupted is none. */
  public static void delete(Path checkpoint) throws IOException {
    Files.deleteIfExists(checkpoint.resolve(CheckpointManifest.FILE));
    DurableFiles.force(checkpoint);
    DurableFiles.deleteTree(checkpoint);
  }
}
