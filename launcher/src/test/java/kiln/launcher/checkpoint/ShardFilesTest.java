package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kiln.launcher.parallel.ShardLayout;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.parallel.ShardPlan;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices.Slice;
import kiln.model.train.StatePart;
import kiln.model.weights.TensorPlace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who writes what: every number exactly once, by a rank that has it. */
class ShardFilesTest {
  private static final ParameterTable TABLE = table(1, 700, 33, 64, 5, 129, 1000, 2);

  private static ParameterTable table(int... sizes) {
    List<Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      parameters.add(new Parameter("net.p" + i, Shape.of(sizes[i]), Initializer.ZEROS));
    }
    return new ParameterTable(parameters);
  }

  private static ShardPlan plan(ShardMode mode, int ranks, int group) {
    return new ShardPlan(TABLE, ShardLayout.of(mode, TABLE, 1024, 0, group), ranks);
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, 1, 1", "NONE, 3, 1", "NONE, 16, 1", "OPTIMIZER, 2, 2", "OPTIMIZER, 6, 2", "GRADIENTS, 4, 4", "PARAMETERS, 3, 3",
    "PARAMETERS, 8, 2", "PARAMETERS, 12, 4"
  })
  void shouldHaveEveryNumberWrittenByExactlyOneRankThatKeepsIt(ShardMode mode, int ranks, int group) {
    ShardPlan plan = plan(mode, ranks, group);
    for (StatePart part : StatePart.values()) {
      List<Slice> all = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        List<Slice> mine = plan.slices(part, rank).parts();
        boolean divided = part == StatePart.WEIGHTS ? mode.dividesWeights() : mode != ShardMode.NONE;
        if (divided) {
          ShardLayout layout = new ShardLayout(mode, plan.layout().buckets(), rank % group, group);
          for (Slice slice : mine) {
            assertEquals(List.of(slice), layout.slices().within(slice.offset(), slice.bytes()));
          }
        }
        all.addAll(mine);
      }
      all.sort(Comparator.comparingLong(Slice::offset));
      for (ParameterTable.Entry entry : TABLE.entries()) {
        long at = entry.offset();
        for (Slice slice : all) {
          if (slice.offset() <= at && at < slice.offset() + slice.bytes()) {
            at = slice.offset() + slice.bytes();
          }
        }
        assertTrue(at >= entry.offset() + entry.bytes(), part + " " + entry);
      }
      for (int i = 1; i < all.size(); i++) {
        assertTrue(all.get(i - 1).offset() + all.get(i - 1).bytes() <= all.get(i).offset(), () -> part + " written twice");
      }
    }
  }

  @Test
  void shouldKeepTensorsWholeWhereRanksKeepAllOfThem() {
    TensorSet set = new TensorSet(Path.of("unet"), "stem", "net.", StatePart.WEIGHTS);
    ShardFiles files = new ShardFiles(set, plan(ShardMode.GRADIENTS, 4, 4));
    for (TensorPlace place : files.places()) {
      assertEquals(1, place.parts().size(), place::toString);
    }
    assertEquals(Path.of("unet/stem.safetensors.index.json"), files.index());
  }

  @Test
  void shouldNeedNoIndexIfOneRankWritesAll() {
    TensorSet set = new TensorSet(Path.of("unet"), "stem", "net.p1", StatePart.WEIGHTS);
    ShardFiles files = new ShardFiles(set, plan(ShardMode.NONE, 4, 1));
    assertEquals(List.of(Path.of("unet/stem.safetensors")), files.files());
    assertNull(files.index());
  }

  @Test
  void shouldBalanceWhatRanksWrite() {
    ShardPlan plan = plan(ShardMode.PARAMETERS, 8, 2);
    long all = 4 * TABLE.bytes();
    assertTrue(plan.mostBytes(true) < all / 8 * 1.5, () -> plan.mostBytes(true) + " of " + all);
  }
}
