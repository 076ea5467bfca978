package kiln.bench.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import kiln.launcher.checkpoint.DurableFiles;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The short form of {@code ./kiln bench chaos}: after each fault the run ends with the undisturbed run's bits. */
class ChaosTest {
  /** Draws rank 0 inside a save, the supervisor, and rank 1 at an instant of its own. */
  private static final long SEED = seed();

  private static RandomGenerator random() {
    return new SplittableRandom(SEED);
  }

  private static long seed() {
    long seed = 0;
    while (!isVaried(seed)) {
      seed++;
    }
    return seed;
  }

  private static boolean isVaried(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    List<Kill> kills = List.of(Kill.draw(random), Kill.draw(random), Kill.draw(random));
    return kills.get(0).rank() == 0 && kills.get(0).insideSave() == 1
        && kills.get(1).rank() == Kill.SUPERVISOR && kills.get(1).insideSave() == 0
        && kills.get(2).rank() == 1 && kills.get(2).insideSave() == 1;
  }

  private static void assertSurvived(Fault fault) throws IOException {
    Optional<String> obstacle = fault.obstacle(Bench.get());
    if (obstacle.isPresent()) {
      System.err.println("SKIPPED: ChaosTest: " + fault.name() + ": " + obstacle.get());
      Assumptions.abort(obstacle.get());
    }
    Fault.Result result = fault.inject(Bench.get(), random());
    assertTrue(result.lostSteps() <= 3L * Bench.RUN.saveEvery(), result::toString);
  }

  @Test
  void shouldEndWithTheSameBitsAfterKills() throws IOException {
    FaultRow row = new KillCampaign(Bench.get(), random(), System.out).run(Bench.RUN, 3).row();
    assertEquals(List.of(), row.failures());
    assertEquals(3, row.survived(), row::toString);
  }

  @Test
  void shouldGoOnFromTheCheckpointBeforeTheDamagedOne() throws IOException {
    assertSurvived(new DamagedFile(List.of(Bench.interrupted()), Damage.DATA));
  }

  @Test
  void shouldFindTheNewestCheckpointWithoutThePointer() throws IOException {
    assertSurvived(new LostPointer(List.of(Bench.interrupted())));
  }

  @Test
  void shouldSurviveLossOfPermission() throws IOException {
    assertSurvived(new LostPermission(Bench.RUN));
  }

  @Test
  void shouldSurviveReadOnlyDisk() throws IOException {
    assertSurvived(DiskFaults.all(Bench.RUN).getLast());
  }

  @Test
  void shouldTrainBesideSlowDisk() throws IOException {
    assertSurvived(new SlowDisk(Bench.RUN, false));
  }

  @Test
  void shouldGoOnAfterRankStoodStillForShort() throws IOException {
    assertSurvived(new StoppedRank(Bench.RUN, true));
  }

  @Test
  void shouldSeeOneBitThatDiffers() throws IOException {
    try (Trial trial = Bench.interrupted().copy(Bench.get())) {
      int step = Math.toIntExact(Bench.interrupted().step());
      FinalState before = FinalState.read(trial.run(), step);
      assertEquals(Optional.empty(), before.difference(FinalState.read(trial.run(), step)));
      Damage.DATA.spoilOne(trial.checkpoints().resolve(Bench.interrupted().newest()), new Random(5));
      String difference = before.difference(FinalState.read(trial.run(), step)).orElse("none");
      assertTrue(difference.startsWith("1 of "), difference);
      DurableFiles.deleteTree(trial.run());
    }
  }
}
