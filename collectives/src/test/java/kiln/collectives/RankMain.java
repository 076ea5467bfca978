package kiln.collectives;

import java.io.PrintStream;
import java.time.Duration;

/**
 * Main class of the processes of {@link CommunicatorContract}: transport class, rank, size, address, time to join, scenarios.
 * Prints a line per scenario; goes no further after one that failed.
 */
public final class RankMain {
  private RankMain() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    RankTransport transport = (RankTransport) Class.forName(args[0]).getDeclaredConstructor().newInstance();
    int rank = Integer.parseInt(args[1]);
    int size = Integer.parseInt(args[2]);
    int status = run(transport, rank, size, args[3], Duration.parse(args[4]), args[5], System.out);
    if (status != 0) {
      System.exit(status);
    }
  }

  /**
   * Does what this class says, on this thread.
   *
   * @return exit status
   */
  public static int run(
      RankTransport transport, int rank, int size, String address, Duration timeout, String scenarios, PrintStream out) {
    Scenario current = null;
    Elements.useExactSums(!transport.addsInRankOrder());
    try (Communicator communicator = transport.join(rank, size, address, timeout)) {
      for (String name : scenarios.split(",")) {
        current = Scenario.valueOf(name);
        current.run(communicator);
        out.println("passed " + current);
      }
      return 0;
    } catch (CollectiveException e) {
      out.println("threw " + e.getClass().getSimpleName() + ": " + e.getMessage());
      e.printStackTrace(out);
      return 3;
    } catch (Throwable e) {
      out.println("failed " + current);
      e.printStackTrace(out);
      return 1;
    }
  }
}
