package kiln.launcher.bundle;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import kiln.bindings.UserException;

/** The part of the JDK that Kiln runs on, made by its jlink. */
final class JavaRuntime {
  /**
   * What {@code jdeps --print-module-deps} finds for Kiln and all libraries, without {@code java.security.jgss}: httpclient5 has
   * Kerberos for servers that ask for it. The rest comes with these.
   */
  private static final List<String> MODULES =
      List.of(
          "java.base",
          "java.compiler", // agrona and Chronicle Queue name its types
          "java.desktop", // pictures and fonts
          "java.naming",
          "java.net.http",
          "java.sql", // jackson knows its dates
          "jdk.jfr", // netty's buffers have events
          "jdk.management", // memory of the machine
          "jdk.net",
          "jdk.unsupported", // sun.misc.Unsafe, signals
          "jdk.zipfs"); // golden files in a jar

  private static final List<String> SCREEN = List.of("libsplashscreen.so", "libawt_xawt.so", "libjawt.so");

  private JavaRuntime() {}

  /**
   * @param target folder to make
   * @throws UserException if this Java has no jlink
   */
  static void link(Path target) {
    ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow(JavaRuntime::noJdk);
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    // Not compressed: the archive does that better.
    int status =
        jlink.run(
            out, out, "--add-modules", String.join(",", MODULES), "--strip-java-debug-attributes", "--no-man-pages",
            "--no-header-files", "--vm", "server", "--compress", "zip-0", "--output", target.toString());
    if (status != 0) {
      throw new UserException("jlink: " + said.toString().lines().findFirst().orElse("status " + status));
    }
    slim(target.resolve("lib"));
  }

  /** Takes away what only a screen wants, and the names in the machine's symbol table, a sixth of it, if there is a strip. */
  private static void slim(Path lib) {
    try {
      for (String screen : SCREEN) {
        Files.deleteIfExists(lib.resolve(screen));
      }
      String machine = lib.resolve("server/libjvm.so").toString();
      new ProcessBuilder("strip", "--strip-unneeded", machine).redirectErrorStream(true).start().waitFor();
    } catch (IOException e) {
      return; // no strip: a megabyte more
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    }
  }

  private static UserException noJdk() {
    return new UserException("expected a JDK, found a Java without jlink: " + System.getProperty("java.home"));
  }
}
