package kiln.bench.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * A run that faults are injected into: preset tiny on two ranks.
 *
 * @param mpi whether mpirun starts the ranks; else Kiln's supervisor
 * @param steps of the whole run
 * @param saveEvery steps from one checkpoint to the next
 * @param more options of {@code kiln train}
 */
record RunCase(String name, boolean mpi, int steps, int saveEvery, List<String> more) {
  static final int RANKS = 2;

  RunCase {
    more = List.copyOf(more);
  }

  /** The command's words after {@code kiln}. */
  List<String> arguments(Workbench bench) {
    List<String> words = new ArrayList<>(List.of("train", "--preset", "tiny", "--backend", "cpu", "--resume"));
    words.addAll(List.of("--data", bench.data().toString(), "--vae", bench.vae().toString()));
    words.addAll(List.of("--ranks", Integer.toString(RANKS), "--steps", Integer.toString(steps)));
    words.addAll(List.of("--set", "save_every=" + saveEvery, "--set", "validation.every=" + 2 * saveEvery));
    words.addAll(more);
    return words;
  }

  /** The same run with checkpoints in another rhythm, which ends with the same bits. */
  RunCase savingEvery(int interval) {
    return new RunCase(name + ", a checkpoint every " + interval + " steps", mpi, steps, interval, more);
  }
}
