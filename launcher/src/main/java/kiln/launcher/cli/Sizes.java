package kiln.launcher.cli;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.data.BucketTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Image sizes as users write them: {@code 32x48}, height first, or {@code 32} for a square. */
final class Sizes {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,5})(?:x(\\d{1,5}))?");

  private Sizes() {}

  static List<BucketTable.Size> parse(CommandSpec spec, String option, List<String> texts) {
    return texts.stream().map(text -> parse(spec, option, text)).toList();
  }

  static BucketTable.Size parse(CommandSpec spec, String option, String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new ParameterException(spec.commandLine(), "option " + option + ": expected HxW, as in 32x48, found " + text);
    }
    int height = Integer.parseInt(matcher.group(1));
    return new BucketTable.Size(height, matcher.group(2) == null ? height : Integer.parseInt(matcher.group(2)));
  }
}
