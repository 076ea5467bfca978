package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.record.FlightRecorder;
import kiln.collectives.record.FlightRecording;
import kiln.collectives.record.OperationKind;
import kiln.collectives.record.RecordedCollective;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes whose collectives wait in vain, and what they leave behind. */
class LateCollectiveTest {
  @TempDir Path folder;

  private List<KilnProcess> start(int size, int sleeper, int seconds) {
    JobSecret.create().write(RankFolder.secret(folder));
    List<KilnProcess> ranks = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      ranks.add(
          KilnProcess.start(
              LateRank.class, folder.toString(), "" + rank, "" + size, "" + sleeper, Integer.toString(seconds)));
    }
    return ranks;
  }

  @Test
  void shouldNameTheRankThatNeverEntersAnOperation() throws IOException {
    List<KilnProcess> ranks = start(3, 2, 4);
    try {
      List<Outcome> outcomes = ranks.stream().map(KilnProcess::await).toList();
      for (int rank = 0; rank < 3; rank++) {
        Outcome outcome = outcomes.get(rank);
        assertEquals(ExitStatus.PEER_LOST, outcome.status(), outcome::toString);
        assertTrue(outcome.err().contains("rank " + rank + " of 3, process "), outcome::toString); // its last collectives
        assertEquals(rank == 0 ? 1 : 0, outcome.err().lines().filter(line -> line.startsWith("kiln: ")).count());
        String text = Files.readString(RecorderFiles.text(folder, rank));
        assertTrue(text.contains("#1199"), () -> outcome + text);
      }
      String line = "kiln: rank 2 has not entered allReduce #1200 (1.0 kB), ranks 0, 1 wait since ";
      assertTrue(outcomes.getFirst().err().lines().anyMatch(said -> said.startsWith(line)), outcomes.getFirst()::toString);
    } finally {
      ranks.forEach(KilnProcess::close);
    }
  }

  @Test
  void shouldKeepTheLastCollectivesOfARankThatWasKilled() {
    List<KilnProcess> ranks = start(2, -1, 60);
    try {
      ranks.get(1).awaitOutput("summed");
      ranks.get(0).awaitOutput("summed");
      ranks.get(1).signal("KILL");
      assertEquals(128 + 9, ranks.get(1).await().status());
      FlightRecording recording = FlightRecording.read(RecorderFiles.ring(folder, 1));
      assertEquals(FlightRecorder.CAPACITY, recording.collectives().size());
      assertEquals(1, recording.rank());
      assertTrue(recording.count() > 1199, recording.toString());
      RecordedCollective first = recording.collectives().getFirst();
      assertEquals(recording.count() - FlightRecorder.CAPACITY, first.sequence());
      assertEquals(OperationKind.ALL_REDUCE, first.kind());
      assertEquals(1024, first.bytes());
      assertTrue(first.begun().orElseThrow().compareTo(first.issued()) >= 0, first.toString());
      assertTrue(first.ended().orElseThrow().compareTo(first.begun().orElseThrow()) >= 0, first.toString());
      Outcome zero = ranks.get(0).await(); // asleep: no collective tells it
      assertEquals(ExitStatus.PEER_LOST, zero.status(), zero::toString);
      String lost = "kiln: lost " + new RankInfo(1, HostName.current(), recording.process()).title() + ": its connection was closed";
      assertTrue(zero.err().startsWith(lost), zero::toString);
      assertEquals(1, zero.err().lines().count(), zero::toString);
    } finally {
      ranks.forEach(KilnProcess::close);
    }
  }
}
