package kiln.launcher.ranks;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * What a rank process is told by its environment.
 *
 * <table>
 * <caption>Variables, the first row whose rank is set counts</caption>
 * <tr><th>starter<th>rank<th>size<th>local rank<th>local size
 * <tr><td>{@link RankSupervisor}<td>KILN_RANK<td>KILN_SIZE<td>KILN_RANK<td>KILN_SIZE
 * <tr><td>Open MPI<td>OMPI_COMM_WORLD_RANK<td>…_SIZE<td>…_LOCAL_RANK<td>…_LOCAL_SIZE
 * <tr><td>Hydra (MPICH)<td>PMI_RANK<td>PMI_SIZE<td>MPI_LOCALRANKID<td>MPI_LOCALNRANKS
 * <tr><td>srun<td>SLURM_PROCID<td>SLURM_STEP_NUM_TASKS<td>SLURM_LOCALID<td>ranks in SLURM_GTIDS
 * <tr><td>others with PMI<td>PMI_RANK<td>PMI_SIZE<td>–<td>–
 * </table>
 *
 * <p>The order matters: mpirun and Hydra's mpiexec start their daemons by srun inside a SLURM job, so that ranks inherit
 * variables of SLURM that are the daemons'. Every {@code --mpi} of srun is covered by SLURM's own variables; PMIX_RANK comes
 * without a size, and beside Open MPI's or SLURM's variables.
 *
 * @param starter who started it
 * @param rank 0 to {@code size - 1}
 * @param size number of ranks
 * @param localRank its place among those of its machine, from 0; {@link #UNKNOWN} if the starter does not tell
 * @param localSize ranks of its machine; {@link #UNKNOWN} if the starter does not tell
 * @param segment the file that the ranks of this machine map to reach each other; null if Kiln's supervisor did not start it
 * @param terminal whether rank 0's standard output is a terminal
 */
public record RankEnvironment(
    Starter starter, int rank, int size, int localRank, int localSize, Path segment, boolean terminal) {
  public static final int UNKNOWN = -1;

  private static final String RANK = "KILN_RANK";
  private static final String SIZE = "KILN_SIZE";
  private static final String SEGMENT = "KILN_SEGMENT";
  private static final String TERMINAL = "KILN_TERMINAL";

  /** The local rank, by which Hydra's ranks are known from those of srun's PMI. */
  private static final String HYDRA = "MPI_LOCALRANKID";

  /** SLURM's steps that are no user's srun (extern, batch, interactive …) have numbers from here on, as unsigned 32 bits. */
  private static final long SPECIAL_STEPS = 0xffff_fff0L;

  public RankEnvironment {
    check(starter, "rank", rank, 0, size - 1);
    if (localSize != UNKNOWN) {
      check(starter, "ranks of this machine", localSize, 1, size);
    }
    if (localRank != UNKNOWN) {
      check(starter, "local rank", localRank, 0, (localSize == UNKNOWN ? size : localSize) - 1);
    }
  }

  private static void check(Starter starter, String what, int number, int least, int most) {
    if (number < least || number > most) {
      String range = least + " to " + most + " by the environment of " + starter.command();
      throw new UserException(what + ": expected " + range + ", found " + number);
    }
  }

  /** What {@link RankSupervisor} tells a rank. */
  static RankEnvironment supervised(int rank, int size, Path segment, boolean terminal) {
    return new RankEnvironment(Starter.KILN, rank, size, rank, size, segment, terminal);
  }

  /**
   * Of a rank that {@link RankSupervisor} started.
   *
   * @throws IllegalStateException if a variable is missing: such ranks are not started by hand
   */
  public static RankEnvironment read(Map<String, String> variables) {
    for (String name : new String[] {RANK, SIZE, SEGMENT, TERMINAL}) {
      if (!variables.containsKey(name)) {
        throw new IllegalStateException("environment variable " + name + " is not set");
      }
    }
    return supervised(
        number(variables, RANK),
        number(variables, SIZE),
        Path.of(variables.get(SEGMENT)),
        Boolean.parseBoolean(variables.get(TERMINAL)));
  }

  /**
   * Of a rank of several that mpirun, srun or another launcher started; empty in a process that is one of its own.
   *
   * @throws UserException if the variables make no sense
   */
  public static Optional<RankEnvironment> launched(Map<String, String> variables) {
    Optional<RankEnvironment> found;
    if (variables.containsKey(RANK)) {
      return Optional.empty(); // what a rank starts, inherits
    } else if (variables.containsKey("OMPI_COMM_WORLD_RANK")) {
      found = openMpi(variables);
    } else if (variables.containsKey("PMI_RANK") && variables.containsKey(HYDRA)) {
      found = pmi(variables);
    } else if (isUserStep(variables)) {
      found = slurm(variables);
    } else if (variables.containsKey("PMI_RANK")) {
      found = pmi(variables);
    } else if (variables.containsKey("PMIX_RANK") && !variables.containsKey("SLURM_JOB_ID")) {
      throw new UserException(
          "environment variable PMIX_RANK: expected beside those of Open MPI's mpirun or of srun, found alone, which leaves open"
              + " how many ranks there are");
    } else {
      return Optional.empty();
    }
    return found.filter(environment -> environment.size > 1);
  }

  private static Optional<RankEnvironment> openMpi(Map<String, String> variables) {
    String world = "OMPI_COMM_WORLD_";
    return Optional.of(
        new RankEnvironment(
            Starter.OPEN_MPI,
            number(variables, world + "RANK"),
            number(variables, world + "SIZE"),
            number(variables, world + "LOCAL_RANK"),
            number(variables, world + "LOCAL_SIZE"),
            null,
            false));
  }

  /** The batch script has SLURM_PROCID and SLURM_NTASKS too, but is no rank; it has no step. */
  private static boolean isUserStep(Map<String, String> variables) {
    String step = variables.getOrDefault("SLURM_STEP_ID", "");
    return variables.containsKey("SLURM_PROCID") && step.matches("\\d{1,10}") && Long.parseLong(step) < SPECIAL_STEPS;
  }

  private static Optional<RankEnvironment> slurm(Map<String, String> variables) {
    String ofThisNode = variables.get("SLURM_GTIDS"); // as in 2,3
    return Optional.of(
        new RankEnvironment(
            Starter.SLURM,
            number(variables, "SLURM_PROCID"),
            number(variables, variables.containsKey("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS"),
            number(variables, "SLURM_LOCALID"),
            ofThisNode == null ? UNKNOWN : ofThisNode.split(",").length,
            null,
            false));
  }

  private static Optional<RankEnvironment> pmi(Map<String, String> variables) {
    boolean local = variables.containsKey(HYDRA);
    return Optional.of(
        new RankEnvironment(
            Starter.PMI,
            number(variables, "PMI_RANK"),
            number(variables, "PMI_SIZE"),
            local ? number(variables, HYDRA) : UNKNOWN,
            local ? number(variables, "MPI_LOCALNRANKS") : UNKNOWN,
            null,
            false));
  }

  /** Its place among the ranks of its machine, from 0; of all ranks if the starter does not tell. */
  public int placeOnMachine() {
    return localRank == UNKNOWN ? rank : localRank;
  }

  void write(Map<String, String> variables) {
    variables.put(RANK, Integer.toString(rank));
    variables.put(SIZE, Integer.toString(size));
    variables.put(SEGMENT, segment.toString());
    variables.put(TERMINAL, Boolean.toString(terminal));
  }

  private static int number(Map<String, String> variables, String name) {
    String value = variables.get(name);
    if (value == null || !value.matches("\\d{1,9}")) {
      String found = value == null ? "none" : value;
      throw new UserException("environment variable " + name + ": expected a whole number, found " + found);
    }
    return Integer.parseInt(value);
  }
}
