package kiln.launcher.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Environments as the launchers really make them: the resources hold what {@code env} printed as the last rank of Open MPI 4.1.4
 * (alone, and inside a job of SLURM 22.05 on two nodes), of srun with three kinds of {@code --mpi}, of MPICH 4.0's Hydra, and in
 * SLURM's batch script.
 */
class RankEnvironmentTest {
  static Map<String, String> captured(String name) {
    try (InputStream stream = RankEnvironmentTest.class.getResourceAsStream(name + ".env")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("=", 2))
          .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "open-mpi-mpirun, OPEN_MPI, 1, 2, 1, 2",
    "slurm-mpirun, OPEN_MPI, 3, 4, 1, 2",
    "slurm-srun-none, SLURM, 3, 4, 1, 2",
    "slurm-srun-pmix, SLURM, 3, 4, 1, 2",
    "slurm-srun-pmi2, SLURM, 3, 4, 1, 2",
    "mpich-hydra, PMI, 1, 2, 1, 2",
  })
  void shouldReadWhatTheLauncherTells(String file, Starter starter, int rank, int size, int localRank, int localSize) {
    RankEnvironment expected = new RankEnvironment(starter, rank, size, localRank, localSize, null, false);
    assertEquals(Optional.of(expected), RankEnvironment.launched(captured(file)));
  }

  @Test
  void shouldTakeTheBatchScriptForNoRank() {
    assertEquals(Optional.empty(), RankEnvironment.launched(captured("slurm-batch-script")));
  }

  @Test
  void shouldTakeAnInteractiveShellForNoRank() {
    Map<String, String> variables = captured("slurm-srun-none");
    variables.put("SLURM_STEP_ID", "4294967290");
    assertEquals(Optional.empty(), RankEnvironment.launched(variables));
  }

  @Test
  void shouldTakeAProcessThatIsTheOnlyOneForNoRank() {
    Map<String, String> variables = captured("open-mpi-mpirun");
    variables.put("OMPI_COMM_WORLD_SIZE", "1");
    variables.put("OMPI_COMM_WORLD_RANK", "0");
    assertEquals(Optional.empty(), RankEnvironment.launched(variables));
    assertEquals(Optional.empty(), RankEnvironment.launched(Map.of()));
  }

  @Test
  void shouldReadWhatTheSupervisorWrites() {
    RankEnvironment written = RankEnvironment.supervised(2, 3, Path.of("ranks"), true);
    Map<String, String> variables = new HashMap<>(captured("open-mpi-mpirun")); // a supervisor that mpirun started
    written.write(variables);
    assertEquals(written, RankEnvironment.read(variables));
    assertEquals(Optional.empty(), RankEnvironment.launched(variables));
  }

  @Test
  void shouldRefuseNumbersThatAreNone() {
    Map<String, String> variables = captured("open-mpi-mpirun");
    variables.remove("OMPI_COMM_WORLD_SIZE");
    UserException missing = assertThrows(UserException.class, () -> RankEnvironment.launched(variables));
    assertTrue(missing.getMessage().contains("OMPI_COMM_WORLD_SIZE: expected a whole number, found none"), missing::getMessage);
    variables.put("OMPI_COMM_WORLD_SIZE", "1");
    UserException outside = assertThrows(UserException.class, () -> RankEnvironment.launched(variables));
    assertTrue(outside.getMessage().contains("expected 0 to 0"), outside::getMessage);
  }

  @ParameterizedTest
  @CsvSource({"64, 64, 4, 16", "32, 64, 4, 16", "16, 64, 4, 16", "1, 2, 2, 1", "2, 2, 4, 1", "8, 8, 3, 2"})
  void shouldShareTheMachinesProcessors(int available, int ofMachine, int localSize, int threads) {
    assertEquals(threads, RankResources.share(available, ofMachine, localSize));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {"0;1", "0-3;4", "0-1,4,8-11;7"})
  void shouldCountProcessors(String list, int count) {
    assertEquals(count, RankResources.count(list));
  }
}
