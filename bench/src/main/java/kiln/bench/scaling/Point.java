package kiln.bench.scaling;

/**
 * A measurement.
 *
 * @param transport {@code local} or {@code mpi}
 * @param weak whether every rank has as much work as one rank alone; else all together have
 * @param microBatches of one sample each, per rank and step
 * @param times what was measured
 */
record Point(String transport, boolean weak, int ranks, int microBatches, boolean overlaps, StepTimes times) {
  double samplesPerSecond() {
    return ranks * microBatches / times.step();
  }

  String scaling() {
    return weak ? "weak" : "strong";
  }
}
