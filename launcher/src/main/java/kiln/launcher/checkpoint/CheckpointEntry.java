package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/**
 * A folder among a run's checkpoints, whatever state it is in. Sizes and headers have been looked at, not the numbers.
 *
 * @param step in its name, or -1
 * @param problem what is wrong with it, in one line; empty if nothing is
 * @param record of training; empty if it cannot be read
 * @param bytes of all files that lie in it
 * @param numFiles that lie in it
 * @param when it was last written to
 */
public record CheckpointEntry(
    Path path, long step, State state, String problem, Optional<TrainingRecord> record, long bytes, int numFiles, Instant when) {
  /** What a folder is worth. */
  public enum State {
    /** A run can go on from it, as far as sizes and headers tell. */
    VALID("valid"),
    /** It was written to its end, but is not as it was then. */
    DAMAGED("damaged"),
    /** It was not written, or not deleted, to its end; or somebody is about it now. */
    INCOMPLETE("incomplete"),
    /** A run went on from one before it. */
    PUT_ASIDE("put aside"),
    /** Of a format of earlier versions of Kiln. */
    OLDER("older format");

    private final String words;

    State(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  private static final Pattern ASIDE = Pattern.compile("\\.?step-(\\d{6,18}).*(\\.tmp|\\.damaged)");

  /**
   * All folders of checkpoints of a run, by step.
   *
   * @throws UserException if it is no run
   */
  public static List<CheckpointEntry> all(RunFolder run) {
    requireRun(run);
    try (Stream<Path> entries = Files.list(run.checkpoints())) {
      return entries
          .filter(entry -> nominalStep(entry) >= 0 && Files.isDirectory(entry))
          .map(CheckpointEntry::of)
          .sorted(Comparator.comparingLong(CheckpointEntry::step).thenComparing(CheckpointEntry::path))
          .toList();
    } catch (IOException e) {
      throw new UserException(run.checkpoints() + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * @throws UserException if it is no run
   */
  public static void requireRun(RunFolder run) {
    if (!Files.isDirectory(run.checkpoints())) {
      throw new UserException(run.path() + ": found no folder " + run.checkpoints().getFileName() + ", expected a run");
    }
  }

  /**
   * Looks at one folder.
   *
   * @throws UserException if it cannot be read
   */
  public static CheckpointEntry of(Path path) {
    State state;
    String problem;
    if (path.toString().endsWith(RunFolder.DAMAGED)) {
      state = State.PUT_ASIDE;
      problem = "a run went on from a checkpoint before it";
    } else if (RunFolder.isComplete(path)) {
      problem = problem(path);
      state = problem.isEmpty() ? State.VALID : State.DAMAGED;
    } else if (TrainingRecord.isOfVersionWithoutManifest(path)) {
      state = State.OLDER;
      problem = "format_version 1, which has no checksums";
    } else {
      state = State.INCOMPLETE;
      problem = "no " + CheckpointManifest.FILE + ": it was not written to its end, or is being written";
    }
    return measured(path, state, problem);
  }

  private static CheckpointEntry measured(Path path, State state, String problem) {
    try (Stream<Path> tree = Files.walk(path)) {
      List<Path> files = tree.filter(Files::isRegularFile).toList();
      long bytes = 0;
      Instant when = Instant.EPOCH;
      for (Path file : files) {
        bytes += Files.size(file);
        Instant changed = Files.getLastModifiedTime(file).toInstant();
        when = changed.isAfter(when) ? changed : when;
      }
      when = files.isEmpty() ? Files.getLastModifiedTime(path).toInstant() : when;
      return new CheckpointEntry(path, nominalStep(path), state, problem, record(path), bytes, files.size(), when);
    } catch (IOException e) {
      throw new UserException(path + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** What sizes and headers tell; empty if nothing is wrong. */
  private static String problem(Path path) {
    try {
      CheckpointManifest manifest = CheckpointManifest.read(path);
      Optional<String> damage = manifest.damage(path);
      if (damage.isPresent()) {
        return damage.get();
      }
      long step = TrainingRecord.read(path).step();
      if (step != manifest.step() || nominalStep(path) >= 0 && nominalStep(path) != step) {
        return path + ": found step " + step + " in it, expected that of its name and its manifest";
      }
      return "";
    } catch (UserException e) {
      return e.getMessage();
    }
  }

  private static Optional<TrainingRecord> record(Path path) {
    try {
      return Optional.of(TrainingRecord.read(path));
    } catch (UserException e) {
      return Optional.empty();
    }
  }

  /** The step in a folder's name, also of one that is put aside or being made; or -1. */
  private static long nominalStep(Path path) {
    Matcher aside = ASIDE.matcher(path.getFileName().toString());
    return aside.matches() ? Long.parseLong(aside.group(1)) : RunFolder.step(path);
  }
}
