package kiln.launcher.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Numbers of bytes as users write them: {@code 500000000}, {@code 2GB} (powers of 1000), {@code 500MiB} (powers of 1024). */
final class ByteSizes {
  private static final Pattern SIZE = Pattern.compile("(?i)(\\d{1,15})\\s*(|k|m|g|t)(i?)b?");

  private ByteSizes() {}

  /**
   * @throws ParameterException that names {@code option} if {@code text} is no positive number of bytes
   */
  static long parse(CommandSpec spec, String option, String text) {
    Matcher matcher = SIZE.matcher(text.strip());
    if (matcher.matches()) {
      double unit = matcher.group(3).isEmpty() ? 1e3 : 1024;
      int power = matcher.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(matcher.group(2).toLowerCase(Locale.ROOT));
      long bytes = (long) (Long.parseLong(matcher.group(1)) * Math.pow(unit, power)); // saturates
      if (bytes > 0) {
        return bytes;
      }
    }
    throw new ParameterException(
        spec.commandLine(), "option " + option + ": expected bytes as in 2GB or 500MiB, found " + text);
  }
}
