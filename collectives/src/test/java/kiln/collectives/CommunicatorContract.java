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
  /**
   * Starts ranks that run {@link Scenario}s and waits for them.
   *
   * @param scenarios names, comma-separated
   * @return what each rank printed, as {@link RankMain} does
   */
  protected abstract List<String> run(int size, String scenarios) throws Exception;

  /** Numbers of ranks. */
  protected IntStream sizes() {
    return IntStream.rangeClosed(1, 4);
  }

  @TestFactory
  Stream<DynamicNode> shouldGiveEveryRankTheRightElementsAndTheRightErrors() {
    EnumSet<Scenario> alone = EnumSet.complementOf(EnumSet.of(Scenario.MISMATCH, Scenario.LEFT_ALONE, Scenario.FOREVER));
    EnumSet<Scenario> together = EnumSet.complementOf(EnumSet.of(Scenario.FOREVER));
    return sizes()
        .mapToObj(
            size -> dynamicContainer(size + " ranks", outcomes(size, (size == 1 ? alone : together).toArray(Scenario[]::new))));
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
