package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A JVM that was started without any options and starts itself again with some. */
class ProcessImageTest {
  private static final String VARIABLE = "KILN_PROCESS_IMAGE_TEST";
  private static final String PROPERTY = "kiln.process-image-test";

  /** What the JVM runs: prints what it has, and has been given after the second start. */
  static final class Restarted {
    private Restarted() {}

    public static void main(String[] arguments) throws IOException {
      System.out.println("process " + ProcessHandle.current().pid());
      if (System.getenv(VARIABLE) == null) {
        ProcessImage.restart(List.of("-D" + PROPERTY + "=first", "-D" + PROPERTY + ".more=a b"), Map.of(VARIABLE, "set"));
      }
      System.out.println("arguments " + List.of(arguments));
      System.out.println("property " + System.getProperty(PROPERTY) + ", " + System.getProperty(PROPERTY + ".more"));
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        System.out.println("archives " + open.filter(Restarted::isRuntime).count());
      }
      System.err.println("still there");
    }

    private static boolean isRuntime(Path descriptor) {
      try {
        return Files.readSymbolicLink(descriptor).endsWith("lib/modules");
      } catch (IOException e) {
        return false;
      }
    }
  }

  @Test
  void shouldStartTheSameProcessAgain() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-D" + PROPERTY + "=last",
                "-cp",
                System.getProperty("java.class.path"),
                Restarted.class.getName(),
                "ü",
                "",
                "a b")
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out + err);
    List<String> lines = out.lines().toList();
    assertEquals("process " + process.pid(), lines.getFirst());
    assertEquals("process " + process.pid(), lines.get(1), out);
    assertTrue(lines.get(2).endsWith(", , a b]"), out);
    assertTrue(lines.contains("property last, a b"), out); // what was given at the start prevails
    assertTrue(lines.contains("archives 1"), out); // that of the first start is closed
    assertEquals("still there\n", err); // and no warning of the JVM's
  }

  @Test
  void shouldTakeArgumentsAsTheSystemKeepsThem() {
    List<byte[]> arguments = ProcessImage.arguments(new byte[] {'j', 0, 0, (byte) 0xff, 'x', 0});
    assertEquals(3, arguments.size());
    assertEquals(0, arguments.get(1).length);
    assertEquals((byte) 0xff, arguments.get(2)[0]);
  }
}
