package kiln.collectives.nccl;

import java.util.function.IntPredicate;
import kiln.collectives.RankTransport;

/** The same with every third operation in the host's memory. */
class MixedMemoryTest extends DeviceCommunicatorTest {
  /** As that of the class that this extends. */
  public static final class Transport extends DeviceCommunicatorTest.Transport {
    @Override
    IntPredicate which() {
      return number -> number % 3 != 0;
    }
  }

  @Override
  protected Class<? extends RankTransport> transport() {
    return Transport.class;
  }
}
