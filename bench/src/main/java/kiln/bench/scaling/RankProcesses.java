package kiln.bench.scaling;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.bindings.JavaCommand;
import kiln.bindings.UserException;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.mpi.OpenMpiInstallation;
import tools.jackson.databind.json.JsonMapper;

/** Starts the ranks of a measurement, one thread each, and reads what rank 0 prints. */
final class RankProcesses {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RankProcesses() {}

  /** Whether ranks can be joined by Open MPI here. */
  static boolean hasMpi() {
    return OpenMpiInstallation.find(System.getenv()).isPresent()
        && List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).stream()
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mpirun")));
  }

  /**
   * @param transport {@code local} or {@code mpi}
   * @param mpirun words that begin the command line for ranks joined by Open MPI
   * @throws UserException if a rank fails
   */
  static StepTimes run(ScalingCase c, String transport, int ranks, List<String> mpirun) throws IOException {
    Path file = Files.createTempFile("kiln-scaling", ".json");
    File errors = File.createTempFile("kiln-scaling", ".log");
    List<Process> processes = new ArrayList<>();
    try {
      JSON.writeValue(file, c);
      if (transport.equals(ScalingRank.MPI)) {
        List<String> command = new ArrayList<>(mpirun);
        command.addAll(List.of("-np", Integer.toString(ranks)));
        command.addAll(java(file.toString(), ScalingRank.MPI));
        processes.add(start(command, errors));
      } else {
        String meet = LocalCommunicator.newFile().toString();
        for (int rank = 0; rank < ranks; rank++) {
          processes.add(start(java(file.toString(), meet, Integer.toString(rank), Integer.toString(ranks)), errors));
        }
      }
      return read(processes, errors);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      processes.forEach(Process::destroyForcibly);
      Files.delete(file);
      Files.delete(errors.toPath());
    }
  }

  private static StepTimes read(List<Process> processes, File errors) throws IOException, InterruptedException {
    String last = null;
    try (BufferedReader reader = processes.getFirst().inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        last = line.startsWith("{") ? line : last;
      }
    }
    int status = 0;
    for (Process process : processes) {
      status = Math.max(status, process.waitFor());
    }
    if (status != 0 || last == null) {
      List<String> said = Files.readAllLines(errors.toPath());
      String why = said.isEmpty() ? "nothing" : said.getFirst();
      throw new UserException("ranks: expected a line of JSON, found status " + status + " and " + why);
    }
    return JSON.readValue(last, StepTimes.class);
  }

  private static List<String> java(String... arguments) {
    return JavaCommand.of(ScalingRank.class, List.of("-Xmx256m", "-XX:+UseSerialGC"), List.of(arguments));
  }

  private static Process start(List<String> command, File errors) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors));
    Map<String, String> environment = builder.environment();
    environment.put("OMP_NUM_THREADS", "1");
    // More ranks than cores are measured too, and mpirun has to let that happen, also to root.
    environment.put("OMPI_MCA_rmaps_base_oversubscribe", "1");
    environment.put("OMPI_MCA_mpi_yield_when_idle", "1");
    environment.put("OMPI_ALLOW_RUN_AS_ROOT", "1");
    environment.put("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    return builder.start();
  }
}
