package kiln.collectives.local;

import java.nio.file.Path;
import java.time.Duration;
import kiln.collectives.Communicator;
import kiln.collectives.CommunicatorContract;
import kiln.collectives.RankTransport;

class LocalCommunicatorTest extends CommunicatorContract {
  /** Joins through the file that the address is. */
  public static final class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      return LocalCommunicator.join(Path.of(address), rank, size, timeout);
    }
  }

  @Override
  protected Class<? extends RankTransport> transport() {
    return Transport.class;
  }

  @Override
  protected String newAddress() {
    return LocalCommunicator.newFile().toString();
  }
}
