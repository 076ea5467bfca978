package kiln.bindings;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of another JVM of Kiln's. */
public final class JavaCommand {
  private static final String PROPERTY = "-D";

  /** Properties that a program may have set while it runs. */
  private static final String OWN = "kiln.";

  /** How far the compiler goes. */
  private static final String COMPILER = "-XX:TieredStopAtLevel=";

  private JavaCommand() {}

  /**
   * Runs a class of this class path in the Java of this process, with the module options, the properties and the limit of the
   * compiler that this JVM was given. Heap and collector are the other's own.
   *
   * @param options more of the JVM's
   */
  public static List<String> of(Class<?> main, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(JavaCommand::isPassedOn).forEach(command::add);
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith(OWN))
        .sorted()
        .forEach(name -> command.add(PROPERTY + name + "=" + System.getProperty(name)));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }

  private static boolean isPassedOn(String option) {
    return option.startsWith("--")
        || option.startsWith(COMPILER)
        || (option.startsWith(PROPERTY) && !option.startsWith(PROPERTY + OWN)); // those are asked for as they are now
  }

  /** The program that runs this process. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
