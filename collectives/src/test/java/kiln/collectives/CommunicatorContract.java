package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kiln.collectives.RankProcesses.Result;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What {@link Communicator} promises, kept by real processes. One subclass per transport. */
public abstract class CommunicatorContract {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Duration JOIN = Duration.ofSeconds(60);
  private static final Duration NOTICED = Duration.ofSeconds(10);

  /** How processes join. */
  protected abstract Class<? extends RankTransport> transport();

  /** A place to meet that no other test uses. */
  protected abstract String newAddress();

  @TestFactory
  Stream<DynamicNode> shouldGiveEveryRankTheRightElements() {
    EnumSet<Scenario> scenarios = EnumSet.complementOf(EnumSet.of(Scenario.MISMATCH, Scenario.LEFT_ALONE, Scenario.FOREVER));
    return IntStream.rangeClosed(1, 4)
        .mapToObj(size -> dynamicContainer(size + " ranks", outcomes(size, scenarios.toArray(Scenario[]::new))));
  }

  @TestFactory
  Stream<DynamicNode> shouldFailOnEveryRank() {
    return IntStream.rangeClosed(2, 4)
        .mapToObj(size -> dynamicContainer(size + " ranks", outcomes(size, Scenario.MISMATCH, Scenario.LEFT_ALONE)));
  }

  @Test
  void shouldNameTheRankThatWasKilled() throws InterruptedException {
    try (RankProcesses ranks = start(3, newAddress(), JOIN, 0, 1, 2)) {
      for (int rank = 0; rank < 3; rank++) {
        ranks.awaitOutput(rank, "running", LIMIT);
      }
      ranks.kill(1);
      List<Result> results = ranks.await(NOTICED);
      for (int rank : new int[] {0, 2}) {
        assertEquals(3, results.get(rank).exit(), results.get(rank).output());
        String output = results.get(rank).output();
        assertTrue(output.contains("PeerLostException: lost rank 1 (process " + ranks.pid(1)), output);
        assertTrue(output.contains("allReduce, sequence=") && output.contains("bytes=800000"), output);
      }
    }
  }

  @Test
  void shouldNameTheRanksThatDoNotJoin() throws InterruptedException {
    try (RankProcesses ranks = start(4, newAddress(), Duration.ofSeconds(3), 0, 2)) {
      for (Result result : ranks.await(LIMIT)) {
        assertEquals(3, result.exit(), result.output());
        assertTrue(result.output().contains("JoinTimeoutException"), result.output());
        assertTrue(result.output().contains("in vain for ranks 1, 3"), result.output());
      }
    }
  }

  /** Runs the scenarios on so many ranks, once, and has one test for each. */
  private Stream<DynamicNode> outcomes(int size, Scenario... scenarios) {
    String names = Arrays.stream(scenarios).map(Scenario::name).collect(Collectors.joining(","));
    String address = newAddress();
    List<Result> results;
    try (RankProcesses ranks = new RankProcesses()) {
      for (int rank = 0; rank < size; rank++) {
        start(ranks, rank, size, address, JOIN, names);
      }
      results = ranks.await(LIMIT);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return Arrays.stream(scenarios)
        .map(
            scenario ->
                dynamicTest(
                    scenario.name(),
                    () -> {
                      for (Result result : results) {
                        assertTrue(result.output().contains("passed " + scenario), result.output());
                      }
                    }));
  }

  private RankProcesses start(int size, String address, Duration join, int... present) {
    RankProcesses ranks = new RankProcesses();
    for (int rank : present) {
      start(ranks, rank, size, address, join, Scenario.FOREVER.name());
    }
    return ranks;
  }

  private void start(RankProcesses ranks, int rank, int size, String address, Duration join, String scenarios) {
    ranks.start(
        RankMain.class,
        transport().getName(),
        Integer.toString(rank),
        Integer.toString(size),
        address,
        join.toString(),
        scenarios);
  }
}
