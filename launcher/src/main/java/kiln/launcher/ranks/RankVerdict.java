package kiln.launcher.ranks;

import java.util.ArrayList;
import java.util.List;

/**
 * What the ends of single ranks mean for the job. A rank that only lost another one is no reason as long as there is that other
 * one, which may be reaped later.
 */
final class RankVerdict {
  private static final int SIGNALLED = 128;
  private static final int KILLED = SIGNALLED + 9;

  /** Ranks handle these signals from the first moment of their {@code main} on: whom one ended had not begun. */
  private static final List<Integer> ASKED_TOO_EARLY = List.of(SIGNALLED + 15, SIGNALLED + 10); // TERM, USR1

  static final RankEnd STOPPED_BEFORE =
      new RankEnd(ExitStatus.STOPPED, List.of("stopped before all ranks had begun"), false);

  /**
   * One rank's end.
   *
   * @param messages lines for the user that it wrote
   */
  record End(int rank, int status, List<String> messages) {}

  private final int size;
  private End failure; // the one that counts; null if there is none
  private List<String> lost = List.of(); // what a rank that lost another one said
  private boolean stopped;
  private boolean tooEarly;
  private boolean killing;

  RankVerdict(int size) {
    this.size = size;
  }

  /** Ranks are killed from now on, which is no failure of theirs. */
  void killingRest() {
    killing = true;
  }

  void take(End end) {
    int status = end.status();
    if (status == ExitStatus.OK || (killing && status == KILLED)) {
      return;
    }
    if (status == ExitStatus.STOPPED) {
      stopped = true;
      return;
    }
    if (ASKED_TOO_EARLY.contains(status)) {
      tooEarly = true;
      return;
    }
    if (status == ExitStatus.PEER_LOST && lost.isEmpty()) {
      lost = end.messages();
    }
    if (failure == null || (failure.status() == ExitStatus.PEER_LOST && status != ExitStatus.PEER_LOST)) {
      failure = end;
    }
  }

  /** Whether the ranks that are left have to end. */
  boolean endsAll() {
    return tooEarly || failure != null;
  }

  /** Whether they cannot do anything of use before: one was told to end at once, or will never come. */
  boolean isAtOnce() {
    return tooEarly || (failure != null && failure.status() == ExitStatus.INTERRUPTED);
  }

  /** Whether they have noticed already. */
  boolean isOfLoss() {
    return failure != null && failure.status() == ExitStatus.PEER_LOST;
  }

  /** The whole job's end. */
  RankEnd end() {
    if (failure == null) {
      return tooEarly ? STOPPED_BEFORE : RankEnd.of(stopped ? ExitStatus.STOPPED : ExitStatus.OK);
    }
    int status = failure.status();
    if (status == ExitStatus.INTERRUPTED) {
      return RankEnd.of(status);
    }
    if (status == ExitStatus.PEER_LOST) {
      return new RankEnd(status, lost, false);
    }
    boolean mistake = status == ExitStatus.USER_ERROR && !failure.messages().isEmpty();
    List<String> lines = new ArrayList<>(failure.messages());
    if (!mistake) {
      lines.add("kiln: rank " + failure.rank() + " of " + size + " " + ExitStatus.describe(status));
    }
    return new RankEnd(status, lines, mistake);
  }
}
