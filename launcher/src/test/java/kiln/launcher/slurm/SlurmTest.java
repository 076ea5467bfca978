package kiln.launcher.slurm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.launcher.MpiRuns;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * {@code sbatch slurm/train.sh} and {@code slurm/array.sh} on a real cluster of three nodes. A run that is stopped, put back into
 * the queue and resumed ends with the bits of one that nothing happened to. SLURM looks twice a minute whether a job has to be
 * warned of its time limit: the jobs that wait for it, frozen, are submitted before all tests, and looked at by later ones.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlurmTest {
  private static final int STEPS = 30;
  private static final String COMPLETED = "COMPLETED 0:0";

  /** Warned almost ten minutes before the end. */
  private static final List<String> LIMITED = List.of("--time=60", "--signal=B:USR1@590", "--partition=high");

  private static final List<String> TWO_NODES = List.of("--nodes=2", "--ntasks-per-node=1", "--cpus-per-task=1");

  private static LocalCluster cluster;
  private static SlurmJob limited;
  private static SlurmJob chain;
  private static Path undisturbed;

  @BeforeAll
  static void start() {
    LocalCluster.assumePossible(SlurmTest.class);
    MpiRuns.assumeOpenMpi(SlurmTest.class);
    TinyRuns.vae();
    cluster = LocalCluster.up(3, 4);
    limited = submit("limited", LIMITED, Map.of());
    List<String> links = new ArrayList<>(LIMITED);
    links.add("--array=1-3%1");
    chain = cluster.submit("chain", "array.sh", on(TWO_NODES, links), Map.of(), train("chain"));
    for (SlurmJob job : List.of(limited, chain)) {
      job.awaitLog("step 3/");
      job.freeze();
      job.limit(10); // to be warned when SLURM looks next
    }
  }

  @AfterAll
  static void end() {
    if (cluster != null) {
      Path folder = cluster.folder();
      cluster.close();
      assertFalse(Files.exists(folder));
    }
  }

  private static Path run(String name) {
    return cluster.folder().resolve("run-" + name);
  }

  private static String[] train(String name, String... more) {
    List<String> all = new ArrayList<>(List.of("--steps", Integer.toString(STEPS), "--set", "save_every=5"));
    all.addAll(List.of("--set", "validation.every=15", "--heartbeat-timeout", "5m")); // longer than any test freezes a job
    all.addAll(List.of(more));
    String[] command = TinyRuns.train(run(name), all.toArray(String[]::new));
    return Arrays.copyOfRange(command, 1, command.length); // without train
  }

  private static List<String> on(List<String> nodes, List<String> options) {
    List<String> all = new ArrayList<>(nodes);
    all.addAll(options);
    return all;
  }

  /** A job of two nodes that trains the run of its name. */
  private static SlurmJob submit(String name, List<String> options, Map<String, String> variables, String... more) {
    return cluster.submit(name, "train.sh", on(TWO_NODES, options), variables, train(name, more));
  }

  /** The job was stopped after it had saved, was put back, and made the rest. */
  private static void assertResumed(SlurmJob job) {
    job.awaitEnd();
    String log = job.log();
    assertTrue(log.contains("stopped after step "), log);
    assertTrue(log.contains("slurm/train.sh: back in the queue"), log);
    assertComplete(job);
  }

  private static void assertComplete(SlurmJob job) {
    assertEquals(List.of(COMPLETED), job.ends(), job::allLogs);
    assertTrue(job.log().contains(", start 2: 2 ranks on "), job::log);
    RunFiles.assertSame(undisturbed, run(job.name()), STEPS);
  }

  @Test
  @Order(1)
  void shouldTrainAlikeBySrunAndByMpirun() {
    SlurmJob srun = submit("srun", List.of(), Map.of());
    SlurmJob mpirun = submit("mpirun", List.of(), Map.of("KILN_STARTER", "mpirun"));
    for (SlurmJob job : List.of(srun, mpirun)) {
      job.awaitEnd();
      assertEquals(List.of(COMPLETED), job.ends(), job::allLogs);
      assertTrue(job.log().contains("2 ranks on n[1-2] by " + job.name()), job::log);
      assertTrue(job.log().contains("step " + STEPS + "/" + STEPS), job::log);
    }
    assertTrue(Files.exists(run("srun").resolve("slurm").resolve(srun.id()).resolve("start-1/ranks/rank-1.log")));
    assertTrue(Files.exists(run("mpirun").resolve("slurm").resolve(mpirun.id()).resolve("start-1/ranks/1/rank.1/stdout")));
    RunFiles.assertSame(run("srun"), run("mpirun"), STEPS);
    undisturbed = run("srun");
  }

  @Test
  @Order(2)
  void shouldSaveAndResumeAroundAJobOfHigherPriority() {
    SlurmJob job = submit("preempted", List.of("--nodelist=n[1-2]"), Map.of());
    job.awaitLog("step 3/");
    job.freeze();
    // Takes two of four processors: one of each node is this job's, and two are those of jobs that cannot be preempted.
    List<String> much = List.of("--partition=high", "--nodes=2", "--nodelist=n[1-2]", "--ntasks-per-node=1", "--cpus-per-task=2");
    SlurmJob first = cluster.submit("first", "train.sh", much, Map.of("KILN_HOME", "/bin"), "--out", "/dev/null");
    job.awaitLog("received SIGUSR1");
    job.thaw();
    first.awaitEnd();
    assertEquals(List.of("FAILED 2:0"), first.ends(), first::allLogs); // it had its turn; it was no job of Kiln's
    assertResumed(job);
  }

  @Test
  @Order(3)
  void shouldRestartAfterARankHasDied() {
    List<String> oneNode = List.of("--nodes=1", "--ntasks-per-node=2", "--cpus-per-task=1");
    Map<String, String> once = Map.of("KILN_MAX_REQUEUES", "1");
    String[] command = train("died");
    SlurmJob job = cluster.submit("died", "train.sh", oneNode, once, command);
    job.awaitLog("step 7/");
    job.freeze();
    job.killRank(1);
    job.thaw();
    job.awaitEnd();
    assertTrue(job.log().contains("by kiln"), job::log);
    assertTrue(job.log().contains("failed with status " + (128 + 9)), job::log);
    assertComplete(job);
  }

  @Test
  @Order(4)
  void shouldEndOnAMistakeOrWhenItMayNotRestart() {
    SlurmJob wrong = submit("wrong", List.of(), Map.of(), "--keep", "0");
    List<String> oneNode = List.of("--nodes=1", "--ntasks-per-node=2", "--cpus-per-task=1");
    SlurmJob never = cluster.submit("never", "train.sh", oneNode, Map.of("KILN_MAX_REQUEUES", "0"), train("never"));
    never.awaitLog("step 1/");
    never.killRank(0);
    wrong.awaitEnd();
    never.awaitEnd();
    assertEquals(List.of("FAILED " + ExitStatus.USAGE + ":0"), wrong.ends(), wrong::allLogs);
    assertTrue(wrong.log().contains("kiln: option --keep: expected at least 1, found 0"), wrong::log);
    assertEquals(List.of("FAILED " + (128 + 9) + ":0"), never.ends(), never::allLogs);
    assertTrue(never.log().contains("(KILN_MAX_REQUEUES=0)"), never::log);
  }

  @Test
  @Order(4)
  void shouldGoBackToTheQueueWhenAskedBeforeTrainingHasBegun() {
    // A build that takes long at the first start, and training that takes no time.
    Path home = cluster.makeHome("slow", "[ \"$1\" != build ] || [ -n \"$SLURM_RESTART_COUNT\" ] || exec sleep 1000\n");
    SlurmJob job = submit("early", List.of(), Map.of("KILN_HOME", home.toString(), "KILN_STARTER", "srun"));
    job.awaitLog(", start 1: ");
    job.warn();
    job.awaitEnd();
    assertEquals(List.of(COMPLETED), job.ends(), job::allLogs);
    assertTrue(job.log().contains("back in the queue"), job::log);
    assertTrue(job.log().contains(", start 2: "), job::log);
  }

  @Test
  @Order(5)
  void shouldSaveAndNotComeBackWhenCancelled() {
    SlurmJob job = submit("cancelled", List.of(), Map.of(), "--set", "save_every=100000");
    job.awaitLog("step 3/");
    job.freeze();
    job.cancel(); // SLURM lets processes go on, to hear it
    job.awaitEnd();
    assertEquals(1, Set.copyOf(job.ends()).size());
    assertTrue(job.ends().getFirst().startsWith("CANCELLED "), job::allLogs);
    assertFalse(job.log().contains("back in the queue"), job::log);
    Path saved = new RunFolder(run("cancelled")).latest().orElseThrow(() -> new AssertionError(job.log()));
    assertTrue(RunFiles.weights(saved).length > 0);
  }

  @Test
  @Order(6)
  void shouldSaveBeforeTheTimeLimitAndResume() {
    limited.awaitLog("received SIGUSR1");
    limited.limit(60); // the next start is not warned
    limited.thaw();
    assertResumed(limited);
  }

  @Test
  @Order(7)
  void shouldGoOnInTheNextJobOfAChain() {
    chain.awaitLog("received SIGUSR1");
    chain.limit(60);
    chain.thaw();
    chain.awaitEnd();
    assertEquals(List.of(COMPLETED, COMPLETED, COMPLETED), chain.ends(), chain::allLogs);
    assertTrue(chain.log("1").contains("stopped after step "), chain::allLogs);
    assertTrue(chain.log("1").contains("the next job of the chain goes on"), chain::allLogs);
    assertFalse(chain.log("2").contains("step 1/"), chain::allLogs);
    assertTrue(chain.log("2").contains("step " + STEPS + "/" + STEPS), chain::allLogs);
    assertTrue(chain.log("3").contains("nothing to do: the chain has ended with status 0"), chain::allLogs);
    RunFiles.assertSame(undisturbed, run("chain"), STEPS);
  }

  @Test
  @Order(8)
  void shouldRestartOnOtherNodesAfterANodeHasFailed() {
    SlurmJob job = submit("failed", List.of(), Map.of());
    job.awaitLog("step 7/");
    job.freeze(); // the run would be complete before the node is gone
    cluster.script("kill", "n1"); // with the batch script; the rank of n2 is well
    job.thaw();
    job.awaitEnd();
    assertTrue(job.log().contains("2 ranks on n[1-2] by srun"), job::log);
    assertTrue(job.log().contains(", start 2: 2 ranks on n[2-3] by srun"), job::log);
    assertComplete(job);
    cluster.script("start", "n1");
  }
}
