package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.local.LocalCommunicator;
import kiln.launcher.KilnProcess;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The golden trajectory, trained by processes that share the work, with and without accumulation. */
class TrajectoryRanksGoldenTest {
  @ParameterizedTest(name = "{0} ranks, {1} micro-batches each")
  @CsvSource({"1, 1", "2, 1", "2, 2", "4, 1"})
  void shouldTrainAs(int ranks, int microBatches) {
    Path file = LocalCommunicator.newFile();
    List<KilnProcess> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < ranks; rank++) {
        String[] arguments = {file.toString(), "" + rank, "" + ranks, "" + microBatches};
        processes.add(KilnProcess.start(TrajectoryRank.class, arguments));
      }
      for (int rank = 0; rank < ranks; rank++) {
        assertEquals("rank " + rank + " agrees\n", processes.get(rank).await().assertOk().out());
      }
    } finally {
      processes.forEach(KilnProcess::close);
    }
  }
}
