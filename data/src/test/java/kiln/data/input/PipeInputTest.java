package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real commands of the shell. */
@Timeout(60)
class PipeInputTest {
  @TempDir Path folder;

  private static InputStream open(String command) throws IOException {
    try (Inputs inputs = new Inputs(Fast.options())) {
      return inputs.of("pipe:" + command).open();
    }
  }

  private static String read(String command) throws IOException {
    try (InputStream stream = open(command)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void shouldReadWhatCommandPrints() throws IOException {
    assertEquals("ab\n", read("echo ba | rev; echo nothing wrong >&2"));
    assertEquals("", read("cat"), "standard input is empty");
  }

  @Test
  void shouldReadFarMoreThanAPipeHolds() throws IOException {
    assertEquals(3_000_000, read("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2").length());
  }

  @Test
  void shouldTellFailureByCommandAndLastLineOfErrors() {
    Fast.assertFails(
        InputException.COMMAND_FAILED,
        () -> read("echo some output; echo first >&2; echo 'the reason' >&2; echo >&2; exit 3"),
        "pipe:echo some output",
        "exit status 3: the reason");
    Fast.assertFails(InputException.COMMAND_FAILED, () -> read("exit 4"), "exit status 4", "nothing on standard error");
    Fast.assertFails(InputException.COMMAND_FAILED, () -> read("no-such-command-here"), "127", "not found");
  }

  @Test
  void shouldGiveAllOutputBeforeFailure() throws IOException {
    try (InputStream stream = open("printf abc; exit 1")) {
      assertEquals("abc", new String(stream.readNBytes(3), StandardCharsets.UTF_8));
      assertThrows(InputException.class, stream::read);
    }
  }

  @Test
  void shouldEndCommandAndItsChildrenWhenClosedEarly() throws Exception {
    Path pids = folder.resolve("pids");
    InputStream stream = open("echo $$ > " + pids + "; (echo ready; sleep 1000) | cat; sleep 1000");
    assertEquals('r', stream.read());
    long shell = Long.parseLong(Files.readString(pids).strip());
    Optional<ProcessHandle> handle = ProcessHandle.of(shell);
    assertTrue(handle.isPresent());
    var all = handle.get().descendants().toList();
    assertFalse(all.isEmpty());
    stream.close();
    handle.get().onExit().get(30, TimeUnit.SECONDS);
    for (ProcessHandle child : all) {
      child.onExit().get(30, TimeUnit.SECONDS);
    }
    assertThrows(IOException.class, stream::read);
  }
}
