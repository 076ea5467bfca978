package kiln.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import kiln.collectives.Communicator;
import kiln.collectives.local.LocalCommunicator;

/** Ranks that are threads of the test, for what does not depend on processes. */
public final class ThreadRanks {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private ThreadRanks() {}

  /** What {@code program} gives on each rank. */
  public static <T> List<T> run(int size, Function<Communicator, T> program) throws InterruptedException, ExecutionException {
    Path file = LocalCommunicator.newFile();
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        int rank = i;
        futures.add(
            threads.submit(
                () -> {
                  try (Communicator c = LocalCommunicator.join(file, rank, size, TIMEOUT)) {
                    return program.apply(c);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }
}
