package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The standard output of a command. Its end is the end only if the command has succeeded; closing before ends the command. */
final class PipeStream extends BulkStream {
  /** A child of the command may hold standard error open for longer than the command runs. */
  private static final long ERROR_WAIT_MILLIS = 1000;

  private final String location;
  private final Process process;
  private final InputStream output;
  private final LastLine errors;
  private final Thread errorReader;
  private volatile boolean closed;

  PipeStream(String location, Process process) {
    this.location = location;
    this.process = process;
    this.output = process.getInputStream();
    this.errors = new LastLine();
    this.errorReader =
        Thread.ofPlatform().daemon().name("kiln-pipe-errors").start(() -> errors.readAll(process.getErrorStream()));
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int got;
    try {
      got = output.read(target, offset, count);
    } catch (IOException e) {
      throw InputException.lasting(
          InputException.COMMAND_FAILED, location, closed ? "closed" : "cannot be read: " + Failures.text(e));
    }
    if (got < 0) {
      checkStatus();
    }
    return got;
  }

  private void checkStatus() throws IOException {
    try {
      int status = process.waitFor();
      if (status != 0) {
        errorReader.join(ERROR_WAIT_MILLIS);
        String line = errors.text();
        throw InputException.lasting(
            InputException.COMMAND_FAILED,
            location,
            "exit status " + status + (line.isEmpty() ? ", nothing on standard error" : ": " + line));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** The shell goes first, so that it starts nothing more. */
  @Override
  public void close() {
    closed = true;
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      output.close();
    } catch (IOException _) {
      // It has ended.
    }
  }

  /** The last line that is not blank, without keeping the others. */
  private static final class LastLine {
    private static final int LONGEST = 300;

    private final byte[] current = new byte[LONGEST];
    private int used;
    private String last = "";

    void readAll(InputStream stream) {
      try (stream) {
        byte[] buffer = new byte[4096];
        for (int got = stream.read(buffer); got >= 0; got = stream.read(buffer)) {
          add(buffer, got);
        }
      } catch (IOException _) {
        // The command has been ended.
      }
    }

    private synchronized void add(byte[] buffer, int count) {
      for (int i = 0; i < count; i++) {
        if (buffer[i] == '\n' || buffer[i] == '\r') {
          endLine();
        } else if (used < LONGEST) {
          current[used++] = buffer[i];
        }
      }
    }

    private void endLine() {
      String line = new String(current, 0, used, StandardCharsets.UTF_8).strip();
      last = line.isEmpty() ? last : line;
      used = 0;
    }

    synchronized String text() {
      endLine();
      return last;
    }
  }
}
