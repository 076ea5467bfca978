package kiln.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A machine of a test's own: files below a folder, and programs that say what they are to. */
final class MadeUpMachine {
  private final Path root;
  private final Path programs;
  private final Map<String, String> environment = new HashMap<>();

  /** Two cores, nothing special. */
  MadeUpMachine(Path folder) {
    try {
      root = Files.createDirectory(folder.resolve("root"));
      programs = Files.createDirectory(folder.resolve("programs"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    environment.put("PATH", programs.toString());
    file("/sys/devices/system/cpu/online", "0-1");
    file("/proc/self/status", "Name:\tjava\nCpus_allowed_list:\t0-1\nThreads:\t20");
  }

  MadeUpMachine file(String path, String text) {
    try {
      Path file = root.resolve(path.substring(1));
      Files.createDirectories(file.getParent());
      Files.writeString(file, text + "\n");
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A program that says {@code text} and ends with {@code status}, whatever it is asked. */
  MadeUpMachine program(String name, String text, int status) {
    try {
      Path file = programs.resolve(name);
      Files.writeString(file, "#!/bin/sh\necho \"" + text + "\"\nexit " + status + "\n");
      if (!file.toFile().setExecutable(true)) {
        throw new IOException(file + " cannot be made executable");
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  MadeUpMachine variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Machine machine() {
    return new Machine(root, environment);
  }

  /** It is so, says so, and says what to do about it unless it is fine. */
  static void assertFinding(Finding.State state, String found, String advice, Finding actual) {
    assertEquals(state, actual.state(), actual::toString);
    assertTrue(actual.found().contains(found), actual::toString);
    assertTrue(actual.advice().contains(advice), actual::toString);
    assertEquals(state == Finding.State.FINE, actual.advice().isEmpty(), actual::toString);
  }

  static Finding find(List<Finding> findings, String subject) {
    return findings.stream().filter(finding -> finding.subject().equals(subject)).findFirst().orElseThrow();
  }
}
