package kiln.launcher.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Times as users write them: {@code 30s}, {@code 5m}, {@code 2h}, {@code 500ms}. */
final class TimeSpans {
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");

  private TimeSpans() {}

  /**
   * @throws ParameterException that names {@code option} if {@code text} is no time of at least {@code least}
   */
  static Duration parse(CommandSpec spec, String option, String text, Duration least) {
    Matcher matcher = TIME.matcher(text.strip());
    if (matcher.matches()) {
      long number = Long.parseLong(matcher.group(1));
      Duration time =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
          };
      if (time.compareTo(least) >= 0) {
        return time;
      }
    }
    String expected = "a time of at least " + least.toMillis() + "ms as in 30s or 5m";
    throw new ParameterException(spec.commandLine(), "option " + option + ": expected " + expected + ", found " + text);
  }
}
