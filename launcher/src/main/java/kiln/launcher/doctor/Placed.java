package kiln.launcher.doctor;

import java.util.List;

/**
 * A finding, and where it was made.
 *
 * @param hosts names of the machines; empty if it is of all of them
 */
public record Placed(List<String> hosts, Finding finding) {}
