package kiln.collectives;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** What {@link Communicator} promises, kept by real ranks. One subclass per transport and kind of ranks. */
public abstract class CommunicatorContract {
  private static final EnumSet<Scenario> FAILURES = EnumSet.of(Scenario.MISMATCH, Scenario.LEFT_ALONE);

  /**
   * Starts ranks that run {@link Scenario}s and waits for them.
   *
   * @param scenarios names, comma-separated
   * @return what each rank printed, as {@link RankMain} does
   */
  protected abstract List<String> run(int size, String scenarios) throws Exception;

  @TestFactory
  Stream<DynamicNode> shouldGiveEveryRankTheRightElements() {
    EnumSet<Scenario> scenarios = EnumSet.complementOf(FAILURES);
    scenarios.remove(Scenario.FOREVER);
    return containers(1, scenarios);
  }

  @TestFactory
  Stream<DynamicNode> shouldFailOnEveryRank() {
    return containers(2, FAILURES);
  }

  private Stream<DynamicNode> containers(int smallest, EnumSet<Scenario> scenarios) {
    return IntStream.rangeClosed(smallest, 4)
        .mapToObj(size -> dynamicContainer(size + " ranks", outcomes(size, scenarios.toArray(Scenario[]::new))));
  }

  /** Runs the scenarios on so many ranks, once, and has one test for each. */
  private Stream<DynamicNode> outcomes(int size, Scenario... scenarios) {
    String names = Arrays.stream(scenarios).map(Scenario::name).collect(Collectors.joining(","));
    List<String> outputs;
    try {
      outputs = run(size, names);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return Arrays.stream(scenarios)
        .map(
            scenario ->
                dynamicTest(
                    scenario.name(),
                    () -> {
                      for (String output : outputs) {
                        assertTrue(output.contains("passed " + scenario), output);
                      }
                    }));
  }
}
