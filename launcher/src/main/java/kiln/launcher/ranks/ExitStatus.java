package kiln.launcher.ranks;

/** Exit statuses of Kiln's processes, and how other processes' are put into words. */
public final class ExitStatus {
  public static final int OK = 0;

  /** A mistake that the user can put right, found while running. */
  public static final int USER_ERROR = 1;

  /** A mistake on the command line. */
  public static final int USAGE = 2;

  /** A bug, by sysexits' EX_SOFTWARE. */
  public static final int BUG = 70;

  /** Asked to stop before the end: what was done is saved, and the same command goes on (sysexits' EX_TEMPFAIL: run it again). */
  public static final int STOPPED = 75;

  /** This rank is well, but another one is gone, or does not come to what all do together. */
  public static final int PEER_LOST = 71;

  /** The supervisor is gone. */
  public static final int ORPHAN = 72;

  /** Ended at once by a second signal. */
  public static final int INTERRUPTED = 130;

  private static final int SIGNALLED = 128;

  private ExitStatus() {}

  /** As in {@code was killed by signal 9 (KILL)} or {@code ended with exit status 70}. */
  public static String describe(int status) {
    if (status <= SIGNALLED) {
      return "ended with exit status " + status;
    }
    int signal = status - SIGNALLED;
    String name =
        switch (signal) {
          case 1 -> " (HUP)";
          case 2 -> " (INT)";
          case 3 -> " (QUIT)";
          case 4 -> " (ILL)";
          case 6 -> " (ABRT)";
          case 7 -> " (BUS)";
          case 8 -> " (FPE)";
          case 9 -> " (KILL)";
          case 11 -> " (SEGV)";
          case 13 -> " (PIPE)";
          case 15 -> " (TERM)";
          default -> "";
        };
    return "was killed by signal " + signal + name;
  }
}
