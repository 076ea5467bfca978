package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kiln.collectives.hierarchical.HierarchicalCommunicator;
import kiln.collectives.local.LocalCommunicator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks, as threads, spread over nodes in all kinds of ways. */
@Timeout(60)
class HierarchicalLayoutsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir Path folder;

  @BeforeEach
  void useExactSums() {
    Elements.useExactSums(true);
  }

  @AfterEach
  void useAnySums() {
    Elements.useExactSums(false);
  }

  /**
   * @param nodes of every rank
   */
  private void onRanks(int[] nodes, Consumer<Communicator> program) throws Exception {
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < nodes.length; i++) {
        int rank = i;
        futures.add(threads.submit(() -> onRank(nodes, rank, program)));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    }
  }

  private void onRank(int[] nodes, int rank, Consumer<Communicator> program) {
    int node = nodes[rank];
    int localRank = (int) Arrays.stream(nodes, 0, rank).filter(n -> n == node).count();
    int localSize = (int) Arrays.stream(nodes).filter(n -> n == node).count();
    Communicator world = LocalCommunicator.join(folder.resolve("all"), rank, nodes.length, TIMEOUT);
    Communicator inside = LocalCommunicator.join(folder.resolve("node" + node), localRank, localSize, TIMEOUT);
    try (Communicator c = HierarchicalCommunicator.of(world, inside, node, 0)) {
      program.accept(c);
    }
  }

  private static int[] nodes(String layout) {
    return Stream.of(layout.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 1 0 1", "7 3 3 7", "0 0 0 1", "0 0 0", "0 1 2", "1 0 0", "0 1 0", "0 1 2 1"})
  void shouldGiveTheRightElementsHoweverRanksAreSpread(String layout) throws Exception {
    onRanks(nodes(layout), Scenario.MIXED::run);
  }

  @Test
  void shouldShareOutBlocksOfManyNodes() throws Exception {
    int[] nodes = nodes("0 0 1 1 2 2 3 3");
    onRanks(
        nodes,
        c -> {
          for (int count : new int[] {8, 9, 15, 17, 1000, 1001}) {
            for (ElementType type : List.of(ElementType.I32, ElementType.I64)) {
              Checks.allReduce(c, type, Reduction.AVERAGE, count, true);
              Checks.reduceScatter(c, type, Reduction.AVERAGE, count, false);
              Checks.allGather(c, type, count, true);
            }
          }
        });
  }

  @Test
  void shouldGiveAGroupOfOneNodeItsOwnTransport() throws Exception {
    onRanks(
        nodes("0 0 1 1"),
        c -> {
          try (Communicator node = c.split(c.rank() / 2);
              Communicator rail = c.split(c.rank() % 2);
              Communicator reversed = c.split(c.rank() == 3 ? 1 : 0)) {
            assertEquals(LocalCommunicator.class, node.getClass());
            assertEquals(LocalCommunicator.class, rail.getClass());
            assertEquals(c.rank() == 3 ? LocalCommunicator.class : HierarchicalCommunicator.class, reversed.getClass());
            for (Communicator group : List.of(node, rail, reversed)) {
              Checks.allReduce(group, ElementType.F32, Reduction.SUM, 100, true);
            }
          }
        });
  }

  @Test
  void shouldRefuseOthersInsideThanTheNodeHas() throws Exception {
    onRanks(
        new int[] {0, 0},
        c -> {
          try (Communicator all = c.split(0);
              Communicator alone = c.split(c.rank())) {
            assertThrows(IllegalArgumentException.class, () -> HierarchicalCommunicator.of(all, alone, 0));
          }
        });
  }

  @Test
  void shouldGiveAllRanksTheSameBits() throws Exception {
    int[] nodes = nodes("0 0 0 1");
    float[][] sums = new float[nodes.length][];
    onRanks(
        nodes,
        c -> {
          try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(ValueLayout.JAVA_FLOAT, 999);
            for (int i = 0; i < 999; i++) {
              data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.exp(Math.sin(i + 1000.0 * c.rank())));
            }
            c.allReduce(data, ElementType.F32, Reduction.AVERAGE);
            sums[c.rank()] = data.toArray(ValueLayout.JAVA_FLOAT);
          }
        });
    IntStream.range(1, nodes.length).forEach(rank -> assertEquals(Arrays.toString(sums[0]), Arrays.toString(sums[rank])));
  }
}
