package kiln.launcher.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Environments as launchers really make them. The files hold what a rank of each had in its environment, without what names
 * the machine: Open MPI 4.1.4's mpirun (alone, and on two nodes of SLURM 22.05), srun with each {@code --mpi}, in another order
 * of ranks, as a part of its job, and unevenly on its nodes; MPICH 4.0's Hydra, alone and in SLURM; processes of SLURM that are
 * no ranks; and a rank of {@code --ranks}.
 */
class RankEnvironmentTest {
  private static final String FOLDER = "environments/";

  static Map<String, String> captured(String name) {
    try (InputStream stream = RankEnvironmentTest.class.getResourceAsStream(FOLDER + name + ".env")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("=", 2))
          .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A starter that is absent means that the process is no rank. */
  @ParameterizedTest
  @CsvFileSource(resources = FOLDER + "table.csv", numLinesToSkip = 1)
  void shouldReadWhatTheLauncherTells(
      String file, Starter starter, Integer rank, Integer size, Integer localRank, Integer localSize) {
    Optional<RankEnvironment> expected =
        Optional.ofNullable(starter).map(s -> new RankEnvironment(s, rank, size, localRank, localSize, null, false));
    assertEquals(expected, RankEnvironment.launched(captured(file)));
  }

  @Test
  void shouldHaveEveryEnvironmentInTheTable() throws Exception {
    Path folder = Path.of(RankEnvironmentTest.class.getResource(FOLDER).toURI());
    List<String> table =
        Files.readAllLines(folder.resolve("table.csv")).stream().skip(1).map(line -> line.split(",", 2)[0] + ".env").toList();
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names = files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".env")).toList();
      assertEquals(Set.copyOf(table), names.stream().filter(name -> !name.equals("ranks.env")).collect(Collectors.toSet()));
    }
  }

  @Test
  void shouldReadWhatTheSupervisorTold() {
    RankEnvironment expected = RankEnvironment.supervised(1, 2, Path.of("/dev/shm/kiln-1/ranks"), false);
    assertEquals(expected, RankEnvironment.read(captured("ranks")));
    assertEquals(Optional.empty(), RankEnvironment.launched(captured("ranks")));
  }

  @Test
  void shouldTakeAProcessThatIsTheOnlyOneForNoRank() {
    Map<String, String> variables = captured("open-mpi");
    for (String name : List.of("RANK", "LOCAL_RANK")) {
      variables.put("OMPI_COMM_WORLD_" + name, "0");
    }
    for (String name : List.of("SIZE", "LOCAL_SIZE")) {
      variables.put("OMPI_COMM_WORLD_" + name, "1");
    }
    assertEquals(Optional.empty(), RankEnvironment.launched(variables));
    assertEquals(Optional.empty(), RankEnvironment.launched(Map.of()));
  }

  @Test
  void shouldReadWhatTheSupervisorWrites() {
    RankEnvironment written = RankEnvironment.supervised(2, 3, Path.of("ranks"), true);
    Map<String, String> variables = new HashMap<>(captured("open-mpi")); // a supervisor that mpirun started
    written.write(variables);
    assertEquals(written, RankEnvironment.read(variables));
    assertEquals(Optional.empty(), RankEnvironment.launched(variables));
  }

  /** What is wrong with one variable of a real environment: as it would be (none: it is missing), and what is said. */
  @ParameterizedTest
  @CsvSource(delimiter = ';', nullValues = "none", value = {
    "open-mpi; OMPI_COMM_WORLD_SIZE; none; OMPI_COMM_WORLD_SIZE: expected a whole number, found none",
    "open-mpi; OMPI_COMM_WORLD_SIZE; 2; rank: expected 0 to 1 by the environment of mpirun, found 2",
    "open-mpi; OMPI_COMM_WORLD_LOCAL_RANK; none; OMPI_COMM_WORLD_LOCAL_RANK: expected a whole number, found none",
    "open-mpi; OMPI_COMM_WORLD_LOCAL_RANK; 3; local rank: expected 0 to 2 by the environment of mpirun, found 3",
    "open-mpi; OMPI_COMM_WORLD_LOCAL_SIZE; 0; ranks of this machine: expected 1 to 3 by the environment of mpirun, found 0",
    "open-mpi; OMPI_COMM_WORLD_RANK; -1; OMPI_COMM_WORLD_RANK: expected a whole number, found -1",
    "slurm-srun-none; SLURM_PROCID; x; SLURM_PROCID: expected a whole number, found x",
    "slurm-srun-none; SLURM_PROCID; 4; rank: expected 0 to 3 by the environment of srun, found 4",
    "slurm-srun-pmix; SLURM_LOCALID; none; SLURM_LOCALID: expected a whole number, found none",
    "slurm-srun-pmix; SLURM_LOCALID; 2; local rank: expected 0 to 1 by the environment of srun, found 2",
    "slurm-srun-pmix; SLURM_GTIDS; 0,1,2,3,4; ranks of this machine: expected 1 to 4 by the environment of srun, found 5",
    "hydra; PMI_SIZE; none; PMI_SIZE: expected a whole number, found none",
    "hydra; PMI_SIZE; 99999999999; PMI_SIZE: expected a whole number, found 99999999999",
    "hydra; MPI_LOCALNRANKS; none; MPI_LOCALNRANKS: expected a whole number, found none",
    "hydra; MPI_LOCALNRANKS; 2; local rank: expected 0 to 1 by the environment of mpiexec, found 2",
  })
  void shouldSayInOneLineWhatMakesNoSense(String file, String variable, String value, String line) {
    Map<String, String> variables = captured(file);
    variables.remove(variable);
    if (value != null) {
      variables.put(variable, value);
    }
    UserException refused = assertThrows(UserException.class, () -> RankEnvironment.launched(variables));
    assertEquals(line, refused.getMessage().replaceFirst("^environment variable ", ""));
  }

  @Test
  void shouldNotTakeARankOfAnUnknownLauncherForTheOnlyOne() {
    Map<String, String> variables = captured("open-mpi");
    variables.keySet().removeIf(name -> name.startsWith("OMPI_"));
    UserException alone = assertThrows(UserException.class, () -> RankEnvironment.launched(variables));
    assertTrue(alone.getMessage().startsWith("environment variable PMIX_RANK: expected beside"), alone::getMessage);
  }

  /** Without Hydra's own variables there is nothing about the machine. */
  @Test
  void shouldReadPlainPmi() {
    Map<String, String> variables = Map.of("PMI_RANK", "1", "PMI_SIZE", "4");
    RankEnvironment expected =
        new RankEnvironment(Starter.PMI, 1, 4, RankEnvironment.UNKNOWN, RankEnvironment.UNKNOWN, null, false);
    assertEquals(Optional.of(expected), RankEnvironment.launched(variables));
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
