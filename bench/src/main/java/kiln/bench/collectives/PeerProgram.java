package kiln.bench.collectives;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;

/** The C program, compiled into a temporary folder. */
final class PeerProgram implements AutoCloseable {
  private final Path folder;
  private final Path program;

  PeerProgram() throws IOException {
    folder = Files.createTempDirectory("kiln-peer");
    program = folder.resolve("allreduce");
  }

  /**
   * Compiles it.
   *
   * @param out told if there is no mpicc
   * @return its file; empty then
   * @throws UserException if it does not compile
   */
  Optional<Path> compile(PrintStream out) throws IOException {
    List<String> command = List.of("mpicc", "-O3", "-march=native", "-o", program.toString(), source().toString());
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      out.println("left out: MPI in C, for want of mpicc (Debian package libopenmpi-dev)");
      return Optional.empty();
    }
    int status = process.onExit().join().exitValue();
    if (status != 0) {
      throw new UserException(String.join(" ", command) + ": expected exit status 0, found " + status);
    }
    return Optional.of(program);
  }

  /** In the checkout that the classes were built in. */
  private static Path source() {
    try {
      Path classes = Path.of(PeerProgram.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return classes.resolve("../../peers/allreduce.c").normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(program);
    Files.delete(folder);
  }
}
