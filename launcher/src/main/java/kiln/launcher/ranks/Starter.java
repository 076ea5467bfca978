package kiln.launcher.ranks;

/** Who started a rank, and so tells it in its environment which one it is. */
public enum Starter {
  KILN("kiln train --ranks"),
  OPEN_MPI("mpirun"),
  SLURM("srun"),
  PMI("mpiexec");

  private final String command;

  Starter(String command) {
    this.command = command;
  }

  /** What the user typed to start it. */
  public String command() {
    return command;
  }
}
