package kiln.launcher.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.launcher.ThreadRanks;
import org.junit.jupiter.api.Test;

class ScheduleCheckTest {
  private static String check(Communicator c, long... hashes) {
    try {
      ScheduleCheck.run(c, hashes[c.rank()], "data");
      return "";
    } catch (UserException e) {
      return e.getMessage();
    }
  }

  @Test
  void shouldNameRanksThatReadOtherSamples() throws Exception {
    String line = "option --data: data holds other samples, or gives them in another order, on rank 1 than on ranks 0, 2";
    assertEquals(List.of(line, line, line), ThreadRanks.run(3, c -> check(c, 5, 5L + (1L << 40), 5)), "the high half differs");
    assertEquals(List.of(line, line, line), ThreadRanks.run(3, c -> check(c, -1, 7, -1)));
    assertEquals(List.of("", "", ""), ThreadRanks.run(3, c -> check(c, -9, -9, -9)));
  }
}
