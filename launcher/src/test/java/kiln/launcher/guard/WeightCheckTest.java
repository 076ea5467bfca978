package kiln.launcher.guard;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.launcher.ThreadRanks;
import kiln.model.graph.Initializer;
import kiln.model.graph.Shape;
import kiln.model.layer.ParameterScope;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.TensorMemory;
import org.junit.jupiter.api.Test;

class WeightCheckTest {
  private static final int SIZE = 3;

  /** Compares at steps 0 and 4, every 2 steps, with the bytes at {@code offsets} of rank 1 flipped in between. */
  private static List<String> check(int every, boolean saves, long... offsets) throws Exception {
    return ThreadRanks.run(SIZE, c -> check(c, every, saves, offsets));
  }

  private static String check(Communicator c, int every, boolean saves, long... offsets) {
    ParameterTable table = table();
    try (Region weights = Region.allocate("weights", table.bytes());
        WeightCheck check = new WeightCheck(every, c, table, TensorMemory.HOST, weights.segment())) {
      weights.segment().fill((byte) 3);
      check.run(0, true);
      for (long offset : offsets) {
        weights.segment().set(JAVA_BYTE, offset, (byte) (c.rank() == 1 ? 2 : 3));
      }
      check.run(4, saves);
      return "";
    } catch (UserException e) {
      return e.getMessage();
    }
  }

  private static ParameterTable table() {
    ParameterScope scope = new ParameterScope();
    for (String name : List.of("a", "b", "c")) {
      scope.parameter(name, Shape.of(5, 7), Initializer.ZEROS);
    }
    return new ParameterTable(scope.parameters());
  }

  @Test
  void shouldNameTheFirstParameterAndTheRankThatDiffers() throws Exception {
    ParameterTable table = table();
    long second = table.entries().get(1).offset();
    long third = table.entries().get(2).offset();
    String line =
        "weights are not the same on all ranks after step 4: the first is b, which has other bits on rank 1 than on ranks 0,"
            + " 2; go on from an earlier checkpoint";
    assertEquals(List.of(line, line, line), check(2, false, third, second + 5 * 7 * 4 - 1));
    assertEquals(List.of(line, line, line), check(3, true, second), "before weights are saved");
  }

  @Test
  void shouldPassWeightsThatAreTheSame() throws Exception {
    assertEquals(List.of("", "", ""), check(2, true));
    assertEquals(List.of("", "", ""), check(3, false, 0), "not at step 4 of every 3");
    assertEquals(List.of("", "", ""), check(0, true, 0), "never");
    assertTrue(table().entries().get(1).offset() > 5 * 7 * 4, "padding between parameters");
    assertEquals(List.of("", "", ""), check(2, true, 5 * 7 * 4), "which is not compared");
  }
}
