package kiln.collectives.staged;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import kiln.collectives.Communicator;
import kiln.collectives.RankTransport;
import kiln.collectives.device.OnDevice;
import kiln.collectives.device.TestDevice;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.local.LocalCommunicatorTest;
import org.junit.jupiter.api.BeforeAll;

/** Memory of a device over memory that the ranks share. */
class StagedCommunicatorTest extends LocalCommunicatorTest {
  /** Every fourth operation stays in the host's memory. */
  public static final class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      return staged(LocalCommunicator.join(Path.of(address), rank, size, timeout));
    }

    static Communicator staged(Communicator inner) {
      TestDevice device = new TestDevice();
      return OnDevice.of(new StagedCommunicator(inner, device.queue()), device, number -> number % 4 != 3);
    }
  }

  @BeforeAll
  static void requireDriver() {
    TestDevice.assume(StagedCommunicatorTest.class);
  }

  @Override
  protected IntStream sizes() {
    return IntStream.of(1, 4);
  }

  @Override
  protected Class<? extends RankTransport> transport() {
    return Transport.class;
  }
}
