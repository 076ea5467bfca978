package kiln.bench.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import kiln.launcher.checkpoint.DurableFiles;

/** What these tests share: a workbench, the run that is disturbed, and one that was interrupted. Made when first asked for. */
final class Bench {
  static final RunCase RUN = new RunCase("2 ranks", false, 24, 4, List.of());

  private static Workbench workbench;
  private static InterruptedRun interrupted;

  private Bench() {}

  static synchronized Workbench get() {
    if (workbench == null) {
      try {
        Workbench made = Workbench.open(Path.of(System.getProperty("java.io.tmpdir")));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made)));
        workbench = made;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return workbench;
  }

  static synchronized InterruptedRun interrupted() {
    if (interrupted == null) {
      try {
        interrupted = InterruptedRun.make(get(), RUN);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return interrupted;
  }

  private static void delete(Workbench made) {
    try {
      DurableFiles.deleteTree(made.root());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
