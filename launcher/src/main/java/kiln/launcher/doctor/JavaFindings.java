package kiln.launcher.doctor;

import java.util.List;

/** The Java machine. */
final class JavaFindings {
  private static final int JDK = 25;

  private JavaFindings() {}

  static List<Finding> of(Runtime.Version version) {
    String found = System.getProperty("java.vm.name") + " " + version;
    return List.of(
        version.feature() >= JDK
            ? Finding.fine("JDK", found)
            : Finding.wrong("JDK", found + ", expected " + JDK, "install the Debian package temurin-25-jdk"),
        Finding.fine("Kiln", KilnBuild.current().toString()));
  }
}
