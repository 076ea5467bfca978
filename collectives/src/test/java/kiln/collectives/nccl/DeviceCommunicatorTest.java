package kiln.collectives.nccl;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntPredicate;
import kiln.collectives.Communicator;
import kiln.collectives.RankTransport;
import kiln.collectives.device.OnDevice;
import kiln.collectives.device.TestDevice;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.local.LocalCommunicatorTest;
import org.junit.jupiter.api.BeforeAll;

/** NCCL for tests (native/fake_cuda/nccl), beside memory that the ranks share; everything on the device. */
class DeviceCommunicatorTest extends LocalCommunicatorTest {
  /** Ranks that are processes, each with a device of the driver for tests. */
  public static class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      Communicator world = LocalCommunicator.join(Path.of(address), rank, size, timeout);
      TestDevice device = new TestDevice();
      return OnDevice.of(DeviceCommunicator.join(device.queue(), world, timeout), device, which());
    }

    IntPredicate which() {
      return _ -> true;
    }
  }

  @BeforeAll
  static void requireDriver() {
    TestDevice.assume(DeviceCommunicatorTest.class);
  }

  @Override
  protected Class<? extends RankTransport> transport() {
    return Transport.class;
  }
}
