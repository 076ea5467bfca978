package kiln.launcher.slurm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many ranks slurm/train.sh starts in a job with GPUs; SLURM's commands and Kiln itself only note what they are asked. */
class GpuRanksTest {
  @TempDir Path folder;
  private Path said;

  @BeforeEach
  void makePrograms() throws IOException {
    said = folder.resolve("said");
    Path bin = Files.createDirectory(folder.resolve("bin"));
    program(bin.resolve("srun"), "case \"$*\" in *--mpi=list*) echo pmix; exit;; esac\necho \"srun $*\" >>" + said);
    program(bin.resolve("mpirun"), "echo \"mpirun $*\" >>" + said);
    program(bin.resolve("scontrol"), "echo PreemptTime=None");
    program(bin.resolve("squeue"), "echo RUNNING None");
    program(folder.resolve("kiln"), "echo \"kiln $*\" >>" + said);
  }

  private static void program(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/bash\n" + body + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private Outcome run(Map<String, String> job, String... options) {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    environment.put("KILN_HOME", folder.toString());
    environment.put("SLURM_JOB_ID", "7");
    environment.put("SLURM_JOB_NUM_NODES", "1");
    environment.put("SLURM_NTASKS", "2");
    environment.put("SLURM_CPUS_PER_TASK", "4");
    environment.put("SLURM_CPUS_ON_NODE", "16");
    environment.putAll(job);
    List<String> command = new ArrayList<>(List.of("bash", System.getProperty("kiln.root") + "/slurm/train.sh"));
    command.addAll(List.of("--out", folder.resolve("run").toString()));
    command.addAll(List.of(options));
    try (KilnProcess script = KilnProcess.start(environment, command)) {
      return script.await();
    }
  }

  /** What the last program was asked that starts ranks. */
  private String started(Map<String, String> job, String... options) throws IOException {
    Files.deleteIfExists(said);
    Outcome outcome = run(job, options);
    assertEquals(0, outcome.status(), outcome::toString);
    return Files.readAllLines(said).getLast();
  }

  @Test
  void shouldStartARankPerGpuOfANode() throws IOException {
    Map<String, String> gpus = Map.of("SLURM_GPUS_ON_NODE", "4");
    assertTrue(started(gpus).endsWith(" --ranks 4"), () -> "" + said);
    assertTrue(started(gpus, "--backend", "cuda").endsWith(" --ranks 4"));
    assertTrue(started(gpus, "--backend=cpu").endsWith(" --ranks 2"), "the tasks");
    assertTrue(started(Map.of()).endsWith(" --ranks 2"), "the tasks");
    assertTrue(started(Map.of("SLURM_GPUS_ON_NODE", "4", "KILN_RANKS_PER_NODE", "1")).endsWith(" --ranks 1"));
  }

  @Test
  void shouldStartThemOnSeveralNodes() throws IOException {
    Map<String, String> gpus =
        Map.of("SLURM_GPUS_ON_NODE", "8", "SLURM_JOB_NUM_NODES", "2", "SLURM_NTASKS", "4", "SLURM_CPUS_ON_NODE", "32");
    String srun = started(gpus);
    assertTrue(srun.contains(" --nodes=2 --ntasks=16 --ntasks-per-node=8 --cpus-per-task=4 "), srun);
    Map<String, String> byMpi = new HashMap<>(gpus);
    byMpi.put("KILN_STARTER", "mpirun");
    String mpirun = started(byMpi);
    assertTrue(mpirun.startsWith("mpirun -np 16 --map-by ppr:8:node --oversubscribe "), mpirun);
    byMpi.remove("SLURM_GPUS_ON_NODE");
    assertTrue(started(byMpi).startsWith("mpirun -np 4 --bind-to none "));
    byMpi.put("KILN_STARTER", "srun");
    String tasks = started(byMpi);
    assertTrue(tasks.contains(" --cpus-per-task=4 ") && !tasks.contains("--ntasks"), tasks);
  }

  @Test
  void shouldRefuseMoreRanksThanProcessors() {
    Outcome few = run(Map.of("SLURM_GPUS_ON_NODE", "8", "SLURM_CPUS_ON_NODE", "4"));
    assertEquals(ExitStatus.USAGE, few.status(), few::toString);
    assertTrue(few.err().contains("8 ranks on a node: expected as many processors (--cpus-per-task), found 4"), few::toString);
    Outcome none = run(Map.of("KILN_RANKS_PER_NODE", "0"));
    assertEquals(ExitStatus.USAGE, none.status(), none::toString);
    assertTrue(none.err().contains("KILN_RANKS_PER_NODE: expected a number from 1 on, found 0"), none::toString);
  }
}
