package kiln.launcher.jvm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The options that Chronicle Queue, Agrona and java.lang.foreign need of the JVM: the POM's property {@code kiln.jvm}. */
public final class JvmOptions {
  private static final String OPENS = "--add-opens=";
  private static final String EXPORTS = "--add-exports=";
  private static final String NATIVE = "--enable-native-access=";

  private JvmOptions() {}

  public static List<String> all() {
    try (InputStream stream = JvmOptions.class.getResourceAsStream("options.txt")) {
      return List.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip().split(" "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this JVM has what they give; of those that only silence warnings nothing can be told. */
  static boolean arePresent() {
    return all().stream().allMatch(JvmOptions::isPresent);
  }

  private static boolean isPresent(String option) {
    Module here = JvmOptions.class.getModule();
    if (option.startsWith(NATIVE)) {
      return here.isNativeAccessEnabled();
    }
    String[] place = option.substring(option.indexOf('=') + 1).split("[/=]"); // module/package=module
    if (option.startsWith(OPENS)) {
      return ModuleLayer.boot().findModule(place[0]).orElseThrow().isOpen(place[1], here);
    }
    if (option.startsWith(EXPORTS)) {
      return ModuleLayer.boot().findModule(place[0]).orElseThrow().isExported(place[1], here);
    }
    return true;
  }
}
