package kiln.bench.chaos;

import java.util.List;

/**
 * A line of the table.
 *
 * @param injected how often
 * @param survived after how many of these the run went on and ended with the undisturbed run's bits
 * @param lostSteps that had to be taken again after one of them, at most
 * @param seconds for all of them, with the runs that went on
 * @param note what else was seen, or why it was not tried
 * @param failures what went wrong, one line for each
 */
record FaultRow(String fault, int injected, int survived, long lostSteps, double seconds, String note, List<String> failures) {}
