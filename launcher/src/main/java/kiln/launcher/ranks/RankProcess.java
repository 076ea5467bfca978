package kiln.launcher.ranks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** One rank as its supervisor sees it. */
final class RankProcess {
  private final int rank;
  private final Process process;
  private final RankOutput output;
  private final List<String> messages = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();

  private RankProcess(int rank, Process process, RankOutput output) {
    this.rank = rank;
    this.process = process;
    this.output = output;
  }

  static RankProcess start(ProcessBuilder builder, int rank, RankOutput output) throws IOException {
    RankProcess started = new RankProcess(rank, builder.start(), output);
    started.read(started.process.getInputStream());
    started.read(started.process.getErrorStream());
    return started;
  }

  /** Tells {@code listener} the exit status, after the last line that the process wrote. */
  void onExit(IntConsumer listener) {
    Thread.ofPlatform()
        .daemon()
        .name("rank-" + rank)
        .start(
            () -> {
              try {
                int status = process.waitFor();
                for (Thread reader : readers) {
                  reader.join();
                }
                listener.accept(status);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  void askToStop() {
    try {
      process.getOutputStream().write('s');
      process.getOutputStream().flush();
    } catch (IOException e) {
      // It has ended already, which onExit tells.
    }
  }

  void kill() {
    process.destroyForcibly();
  }

  /** The lines for the user ({@code kiln: …}) that the rank ended with. */
  List<String> messages() {
    synchronized (messages) {
      return List.copyOf(messages);
    }
  }

  /** Keeps lines for the user, because several ranks may have the same; passes on all others, with the rank's number. */
  private void read(InputStream stream) {
    Runnable body =
        () -> {
          try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              if (line.startsWith("kiln: ") && !RankOutput.isWarning(line)) {
                synchronized (messages) {
                  messages.add(line);
                }
              } else {
                output.pass(rank, line);
              }
            }
          } catch (IOException e) {
            // The process was killed while it wrote.
          }
        };
    readers.add(Thread.ofPlatform().daemon().name("rank-" + rank + "-output").start(body));
  }
}
