package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.CheckpointEntry.State;

/**
 * Which of a run's checkpoints go. The newest one of which every byte is as it was written always stays, and what is damaged does
 * not count among those that stay.
 *
 * @param deletions in their order
 * @param kept what stays, of whatever state
 * @param newest the newest one of which every byte is sound; empty if there is none
 */
public record Pruning(RunFolder run, List<Deletion> deletions, List<CheckpointEntry> kept, Optional<CheckpointEntry> newest) {
  /**
   * @param reason in a few words
   */
  public record Deletion(CheckpointEntry entry, String reason) {}

  /**
   * What else than superfluous valid checkpoints may go.
   *
   * @param incomplete what was not written to its end; no run may be going on
   * @param damaged what is damaged or put aside
   */
  public record Also(boolean incomplete, boolean damaged) {}

  /**
   * Plans it; nothing is changed. Reads every byte of the newest valid checkpoint, and of those before it while they turn out to be
   * damaged.
   *
   * @throws UserException if it is no run
   */
  public static Pruning plan(RunFolder run, Retention retention, Also also) {
    List<CheckpointEntry> valid = new ArrayList<>();
    List<CheckpointEntry> others = new ArrayList<>();
    CheckpointEntry.all(run).forEach(entry -> (entry.state() == State.VALID ? valid : others).add(entry));
    while (!valid.isEmpty()) {
      Optional<String> damage = CheckpointChoice.damage(valid.getLast().path());
      if (damage.isEmpty()) {
        break;
      }
      CheckpointEntry bad = valid.removeLast();
      others.add(
          new CheckpointEntry(
              bad.path(), bad.step(), State.DAMAGED, damage.get(), bad.record(), bad.bytes(), bad.numFiles(), bad.when()));
    }
    List<Deletion> deletions = new ArrayList<>();
    List<CheckpointEntry> kept = new ArrayList<>();
    List<Long> superfluous = retention.superfluous(valid.stream().map(CheckpointEntry::step).toList());
    for (CheckpointEntry entry : valid) {
      if (superfluous.contains(entry.step())) {
        deletions.add(new Deletion(entry, "not among the newest " + retention.last() + every(retention)));
      } else {
        kept.add(entry);
      }
    }
    for (CheckpointEntry entry : others) {
      boolean goes =
          switch (entry.state()) {
            case DAMAGED, PUT_ASIDE -> also.damaged;
            case INCOMPLETE -> also.incomplete;
            case OLDER, VALID -> false;
          };
      if (goes) {
        deletions.add(new Deletion(entry, entry.state().toString()));
      } else {
        kept.add(entry);
      }
    }
    Optional<CheckpointEntry> newest = valid.isEmpty() ? Optional.empty() : Optional.of(valid.getLast());
    return new Pruning(run, List.copyOf(deletions), List.copyOf(kept), newest);
  }

  private static String every(Retention retention) {
    return retention.every() == 0 ? "" : ", nor of a step that " + retention.every() + " divides";
  }

  /** Bytes that deleting gives back. */
  public long bytes() {
    return deletions.stream().mapToLong(deletion -> deletion.entry.bytes()).sum();
  }

  /**
   * Deletes them, the manifest first, so that what is left if this is interrupted is no checkpoint; and has {@code latest} name the
   * newest that is sound.
   *
   * @throws UserException if the file system refuses
   */
  public void carryOut() {
    Path at = run.path();
    try {
      for (Deletion deletion : deletions) {
        at = deletion.entry.path();
        RunFolder.delete(at);
      }
      if (newest.isPresent() && !run.pointed().equals(newest.map(CheckpointEntry::path))) {
        at = newest.get().path();
        run.point(at);
      }
    } catch (IOException e) {
      throw new UserException(at + ": cannot be pruned (" + e.getMessage() + ")", e);
    }
  }
}
