package kiln.launcher.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.collectives.local.LocalCommunicator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks that are threads. */
@Timeout(60)
class ConsensusTest {
  private static final int SIZE = 3;

  @TempDir Path folder;

  private <T> List<T> onRanks(Function<Communicator, T> program) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(SIZE)) {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < SIZE; i++) {
        int rank = i;
        futures.add(
            threads.submit(
                () -> {
                  Path file = folder.resolve("ranks");
                  try (Communicator world = LocalCommunicator.join(file, rank, SIZE, Duration.ofSeconds(30))) {
                    return program.apply(world);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }

  @Test
  void shouldGiveAllRanksWhatTheFirstFinds() throws Exception {
    List<String> texts =
        onRanks(
            world ->
                new Consensus(world)
                    .first(
                        () -> {
                          assertEquals(0, world.rank());
                          return "Straße 日本";
                        }));
    assertEquals(List.of("Straße 日本", "Straße 日本", "Straße 日本"), texts);
  }

  @Test
  void shouldLetAllGoOnIfAllCan() throws Exception {
    assertEquals(List.of(0, 1, 2), onRanks(world -> new Consensus(world).together(world::rank)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"2; rank 2: no such folder", "1 2; rank 1: no such folder", "0 1 2; no such folder", "0; no such folder"})
  void shouldTellAllRanksWhatOneFinds(String failing, String expected) throws Exception {
    List<String> lines =
        onRanks(
            world -> {
              Consensus consensus = new Consensus(world);
              return assertThrows(
                      RefusedException.class,
                      () ->
                          consensus.together(
                              () -> {
                                if (failing.contains("" + world.rank())) {
                                  throw new UserException("no such folder");
                                }
                                return null;
                              }))
                  .getMessage();
            });
    assertEquals(List.of(expected, expected, expected), lines);
  }

  @ParameterizedTest
  @CsvSource({"4, LOCAL", "1 1 1, MPI", "2 2, HIERARCHICAL", "3 1, HIERARCHICAL"})
  void shouldChooseTheTransportByTheNodes(String sizes, TransportKind expected) {
    List<List<Integer>> nodes = new ArrayList<>();
    int rank = 0;
    for (String size : sizes.split(" ")) {
      List<Integer> node = new ArrayList<>();
      for (int i = 0; i < Integer.parseInt(size); i++) {
        node.add(rank++);
      }
      nodes.add(node);
    }
    assertEquals(expected, TransportKind.AUTO.resolve(nodes));
    assertEquals(TransportKind.MPI, TransportKind.MPI.resolve(nodes));
  }
}
