package kiln.launcher.doctor;

import java.util.List;

/**
 * What ranks found together.
 *
 * @param hosts the machines, in the order of their first ranks
 * @param ranks how many there are
 */
public record Examination(List<String> hosts, int ranks, List<Placed> findings) {}
