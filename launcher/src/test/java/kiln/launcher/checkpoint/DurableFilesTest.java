package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

class DurableFilesTest {
  @Test
  void shouldSayWhatTheLibraryLeavesOut() {
    assertEquals("run/file: Permission denied", DurableFiles.reason(new AccessDeniedException("run/file")));
    FileSystemException full = new FileSystemException("run/file", null, "No space left on device");
    assertEquals("run/file: No space left on device", DurableFiles.reason(full));
    assertEquals("Input/output error", DurableFiles.reason(new IOException("Input/output error")));
  }
}
