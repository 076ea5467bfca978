package kiln.collectives.nccl;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kiln.collectives.Communicator;
import kiln.collectives.RankMain;
import kiln.collectives.RankProcesses;
import kiln.collectives.RankTransport;
import kiln.collectives.device.OnDevice;
import kiln.collectives.device.TestDevice;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.local.LocalCommunicatorTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** NCCL for tests (native/fake_cuda/nccl), beside memory that the ranks share. */
class DeviceCommunicatorTest extends LocalCommunicatorTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration NOTICED = Duration.ofSeconds(10);

  /** Ranks that are processes, each with a device of the driver for tests. Every fifth operation stays in the host's memory. */
  public static final class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      Communicator world = LocalCommunicator.join(Path.of(address), rank, size, timeout);
      TestDevice device = new TestDevice();
      return OnDevice.of(DeviceCommunicator.join(device.queue(), world, timeout), device, number -> number % 5 != 4);
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

  @Override
  protected IntStream sizes() {
    return IntStream.of(1, 3);
  }

  /** Where ranks reach each other's memory, nobody tells NCCL that one is gone. */
  @Test
  void shouldNoticeAKilledRankThatNcclDoesNotReport() throws InterruptedException {
    try (RankProcesses ranks = new RankProcesses()) {
      String address = LocalCommunicator.newFile().toString();
      for (int rank = 0; rank < 2; rank++) {
        String[] arguments = {Transport.class.getName(), Integer.toString(rank), "2", address, "PT60S", "FOREVER"};
        List<String> command = new ArrayList<>(List.of("env", "KILN_FAKE_NCCL_BLIND=1"));
        command.addAll(RankProcesses.javaCommand(RankMain.class, arguments));
        ranks.start(command);
      }
      ranks.awaitOutput(0, "running", LIMIT);
      ranks.awaitOutput(1, "running", LIMIT);
      ranks.kill(1);
      String output = ranks.await(NOTICED).getFirst().output();
      assertTrue(output.contains("PeerLostException: lost rank 1 (process " + ranks.pid(1)), output);
    }
  }
}
