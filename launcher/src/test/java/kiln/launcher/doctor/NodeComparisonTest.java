package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import kiln.launcher.doctor.Finding.State;
import org.junit.jupiter.api.Test;

/** What is said of machines that differ. */
class NodeComparisonTest {
  private static final long MILLI = 1_000_000;
  private static final Finding CORES = Finding.fine("cores", "2");

  private static NodeFacts facts(int rank, String host, String jdk, String cores, Finding... findings) {
    return new NodeFacts(rank, host, Map.of("JDK", jdk, "processors of a rank", cores), List.of(findings));
  }

  private static NodeComparison three() {
    Finding gone = Finding.wrong("cores", "1", "more");
    return new NodeComparison(
        List.of(
            facts(0, "h1", "25.0.3", "2", CORES, Finding.fine("JDK", "25")),
            facts(1, "h1", "25.0.3", "2"),
            facts(2, "h2", "25.0.2", "2", gone, Finding.fine("JDK", "25")),
            facts(3, "h3", "25.0.3", "4", CORES, Finding.fine("JDK", "25"))));
  }

  @Test
  void shouldSayOnceWhatIsTheSameEverywhere() {
    List<Placed> all = three().findings();
    assertEquals(List.of("cores", "cores", "JDK"), all.stream().map(p -> p.finding().subject()).toList());
    assertEquals(List.of(List.of("h1", "h3"), List.of("h2"), List.of()), all.stream().map(Placed::hosts).toList());
  }

  @Test
  void shouldNameTheMachinesThatDiffer() {
    Finding jdk = MadeUpMachine.find(three().versions(), "same JDK");
    assertEquals(State.WRONG, jdk.state());
    assertEquals("25.0.3 on h1, h3; 25.0.2 on h2", jdk.found());
    Finding cores = MadeUpMachine.find(three().versions(), "same processors of a rank");
    assertEquals(State.WARNING, cores.state());
    assertEquals("2 on h1, h2; 4 on h3", cores.found());
    NodeComparison equal = new NodeComparison(List.of(facts(0, "h1", "25", "2"), facts(1, "h2", "25", "2")));
    assertTrue(equal.versions().stream().allMatch(finding -> finding.state() == State.FINE), equal.versions()::toString);
  }

  @Test
  void shouldFindTheFirstRankOfEachMachine() {
    assertEquals(List.of(0, 1, 4), NodeComparison.firstRanks(List.of("a", "b", "a", "b", "c")));
  }

  @Test
  void shouldNameTheClocksThatAreFurthestApart() {
    ClockSkew near = new ClockSkew(0, 2, -MILLI, MILLI);
    ClockSkew far = new ClockSkew(2, 3, -401 * MILLI, -399 * MILLI);
    Finding clocks = three().clocks(List.of(near, far));
    assertEquals(State.WARNING, clocks.state());
    assertEquals("h3 is ahead of h2 by 400.000 ms, give or take 1.000 ms, more than any other two of 3", clocks.found());
    assertEquals(State.FINE, three().clocks(List.of(near)).state());
    assertEquals(State.FINE, three().clocks(List.of()).state());
    // What may be uncertainty alone is no reason to warn.
    assertEquals(State.FINE, three().clocks(List.of(new ClockSkew(0, 2, -50 * MILLI, 900 * MILLI))).state());
    assertTrue(three().clocks(List.of(new ClockSkew(0, 2, 5, -5))).found().contains("was set while"));
  }
}
