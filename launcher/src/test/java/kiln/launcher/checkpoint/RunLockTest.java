package kiln.launcher.checkpoint;

import java.nio.file.Path;
import kiln.launcher.KilnProcess;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path temporary;

  @Test
  void shouldKeepASecondJobOutUntilTheFirstOneEnds() {
    RunFolder run = RunFolder.create(temporary);
    try (RunLock _ = RunLock.take(run)) {
      KilnProcess.run(TinyRuns.train(temporary)).assertRefused(ExitStatus.USER_ERROR, "option --out", "another job is training into it");
    }
    RunLock.take(run).close();
  }
}
