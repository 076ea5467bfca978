package kiln.launcher.doctor;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where the doctor learns about a machine: files of the system, variables, and what programs say.
 *
 * @param root of the files; another one than {@code /} is a machine that a test has made up
 * @param environment variables, such as PATH and OMPI_HOME
 */
record Machine(Path root, Map<String, String> environment) {
  private static final long SECONDS = 10;
  private static final int MOST_BYTES = 1 << 16;
  private static final Predicate<String> OF_A_RANK =
      Pattern.compile("(?!SLURM_CONF$|OMPI_HOME$)(OMPI|PMIX|PMI|SLURM|PRTE|ORTE)_.*").asMatchPredicate();

  Machine {
    environment = Map.copyOf(environment);
  }

  /** This one. */
  static Machine here() {
    return new Machine(Path.of("/"), System.getenv());
  }

  Path path(String absolute) {
    return root.resolve(absolute.substring(1));
  }

  /** A file's text; empty if there is none that can be read. */
  Optional<String> read(String absolute) {
    try {
      return Optional.of(Files.readString(path(absolute), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Names of what is in a folder, sorted; none if there is no such folder. */
  List<String> list(String absolute) {
    try (Stream<Path> files = Files.list(path(absolute))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** A program of the PATH. */
  Optional<Path> program(String name) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /**
   * What a program said.
   *
   * @param status 0 if it ended well
   * @param text of both its outputs
   */
  record Said(int status, String text) {
    boolean well() {
      return status == 0;
    }

    String firstLine() {
      return lines().findFirst().orElse("nothing");
    }

    String lastLine() {
      return lines().reduce((_, later) -> later).orElse("nothing");
    }

    private Stream<String> lines() {
      return text.lines().map(String::strip).filter(line -> !line.isEmpty());
    }
  }

  /** Runs a program of the PATH; empty if there is none, or if it cannot be started or takes longer than ten seconds. */
  Optional<Said> run(String name, String... arguments) {
    return program(name).flatMap(program -> run(program, List.of(arguments)));
  }

  private Optional<Said> run(Path program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(new File("/dev/null"));
    builder.environment().clear();
    builder.environment().putAll(environment);
    // What a rank of mpirun or srun starts is no rank, and must not believe that it were.
    builder.environment().keySet().removeIf(OF_A_RANK);
    try {
      Path output = Files.createTempFile("kiln-doctor-", ".txt");
      try {
        Process process = builder.redirectOutput(output.toFile()).start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
          return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(output);
        String text = new String(bytes, 0, Math.min(bytes.length, MOST_BYTES), StandardCharsets.UTF_8);
        return Optional.of(new Said(process.exitValue(), text.strip()));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
