package kiln.launcher.ranks;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a rank process is told by its environment.
 *
 * @param rank 0 to {@code size - 1}
 * @param size number of ranks
 * @param segment the file that the ranks of this machine map to reach each other
 * @param terminal whether rank 0's standard output is a terminal
 */
public record RankEnvironment(int rank, int size, Path segment, boolean terminal) {
  private static final String RANK = "KILN_RANK";
  private static final String SIZE = "KILN_SIZE";
  private static final String SEGMENT = "KILN_SEGMENT";
  private static final String TERMINAL = "KILN_TERMINAL";

  /**
   * @throws IllegalStateException if a variable is missing: ranks are started by {@link RankSupervisor}, not by hand
   */
  public static RankEnvironment read(Map<String, String> variables) {
    return new RankEnvironment(
        Integer.parseInt(variable(variables, RANK)),
        Integer.parseInt(variable(variables, SIZE)),
        Path.of(variable(variables, SEGMENT)),
        Boolean.parseBoolean(variable(variables, TERMINAL)));
  }

  void write(Map<String, String> variables) {
    variables.put(RANK, Integer.toString(rank));
    variables.put(SIZE, Integer.toString(size));
    variables.put(SEGMENT, segment.toString());
    variables.put(TERMINAL, Boolean.toString(terminal));
  }

  private static String variable(Map<String, String> variables, String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new IllegalStateException("environment variable " + name + " is not set");
    }
    return value;
  }
}
