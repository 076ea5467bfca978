package kiln.bench.collectives;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import kiln.bindings.UserException;

/**
 * Ranks that wait for a line from a pipe, each its own, measure what it says, and answer with a line {@code time SECONDS}. (The
 * standard input is no such pipe: mpirun gives that to rank 0 only.)
 */
final class RankJob implements AutoCloseable {
  private static final String ANSWER = "time ";
  private static final long END_SECONDS = 20;

  private final String name;
  private final Path folder;
  private final List<RandomAccessFile> pipes = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private final BufferedReader answers;

  /**
   * @param name of what runs
   * @param launcher makes of a program the command lines of the processes to start; the first one answers
   * @param program with its arguments; one more is given: the folder in which every rank has a pipe named by its number
   */
  RankJob(String name, int numRanks, Function<List<String>, List<List<String>>> launcher, List<String> program) throws IOException {
    this.name = name;
    folder = Files.createTempDirectory("kiln-ranks");
    for (int rank = 0; rank < numRanks; rank++) {
      Path pipe = folder.resolve(Integer.toString(rank));
      new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().onExit().join();
      pipes.add(new RandomAccessFile(pipe.toFile(), "rw")); // so that opening it does not wait for the rank
    }
    List<String> command = new ArrayList<>(program);
    command.add(folder.toString());
    for (List<String> start : launcher.apply(command)) {
      ProcessBuilder builder = new ProcessBuilder(start).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().put("OMP_NUM_THREADS", "1");
      builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT", "1");
      builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
      processes.add(builder.start());
    }
    answers = processes.getFirst().inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Seconds that they measured.
   *
   * @throws UserException if a process ended instead
   */
  double measure(String command) throws IOException {
    tell(command);
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(ANSWER)) {
        return Double.parseDouble(line.substring(ANSWER.length()));
      }
    }
    throw new UserException(name + ": expected a time for \"" + command + "\", found that its ranks have ended");
  }

  private void tell(String line) throws IOException {
    for (RandomAccessFile pipe : pipes) {
      pipe.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() throws IOException {
    tell("end");
    for (Process process : processes) {
      try {
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    for (int rank = 0; rank < pipes.size(); rank++) {
      pipes.get(rank).close();
      Files.delete(folder.resolve(Integer.toString(rank)));
    }
    Files.delete(folder);
  }
}
