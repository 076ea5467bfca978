package kiln.collectives;

import java.time.Duration;

/** How a process of a test becomes a rank, for one transport; has a constructor without parameters. */
public interface RankTransport {
  /**
   * @param address what the transport needs to find the others, agreed between the test and this
   */
  Communicator join(int rank, int size, String address, Duration timeout);

  /** Whether reductions add in the order of the ranks and round once. */
  default boolean addsInRankOrder() {
    return true;
  }
}
