package kiln.launcher.bundle;

import java.io.PrintWriter;
import java.io.StringWriter;
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
  }

  private static UserException noJdk() {
    return new UserException("expected a JDK, found a Java without jlink: " + System.getProperty("java.home"));
  }
}
