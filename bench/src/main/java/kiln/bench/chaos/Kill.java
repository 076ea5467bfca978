package kiln.bench.chaos;

import java.util.random.RandomGenerator;

/**
 * Who is to be killed, and when.
 *
 * @param rank that dies; {@link #SUPERVISOR} for the process that started the ranks
 * @param insideSave counts from 1: while that checkpoint of the process is being written; 0 for an instant of its life
 * @param fraction where in that time, 0 to 1
 */
record Kill(int rank, int insideSave, double fraction) {
  static final int SUPERVISOR = -1;

  private static final double SUPERVISORS = 0.1;
  private static final double INSIDE_SAVES = 0.4;
  private static final int SAVES = 3;

  static Kill draw(RandomGenerator random) {
    int rank = random.nextDouble() < SUPERVISORS ? SUPERVISOR : random.nextInt(RunCase.RANKS);
    int save = random.nextDouble() < INSIDE_SAVES ? 1 + random.nextInt(SAVES) : 0;
    return new Kill(rank, save, random.nextDouble());
  }

  String who() {
    return rank == SUPERVISOR ? "supervisor" : "rank " + rank;
  }
}
