package kiln.collectives;

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
    Scenario current = null;
    try (Communicator communicator = transport.join(rank, size, args[3], Duration.parse(args[4]))) {
      for (String name : args[5].split(",")) {
        current = Scenario.valueOf(name);
        current.run(communicator);
        System.out.println("passed " + current);
      }
    } catch (CollectiveException e) {
      System.out.println("threw " + e.getClass().getSimpleName() + ": " + e.getMessage());
      System.exit(3);
    } catch (Throwable e) {
      System.out.println("failed " + current);
      e.printStackTrace(System.out);
      System.exit(1);
    }
  }
}
