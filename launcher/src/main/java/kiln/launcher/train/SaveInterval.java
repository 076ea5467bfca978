package kiln.launcher.train;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often a run is saved, besides at its end and when it is stopped.
 *
 * @param number of units
 */
public record SaveInterval(long number, Unit unit) {
  /** What is counted. */
  public enum Unit {
    STEPS,
    /** Of rank 0's clock, since the last save began. */
    SECONDS,
    /** Passes over all samples: the step that ends one is followed by a save. */
    EPOCHS
  }

  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})\\s*(steps?|s|m|min|h|epochs?)?|(epoch)");

  public SaveInterval {
    if (number < 1) {
      throw new IllegalArgumentException("number: expected at least 1, found " + number);
    }
  }

  public static SaveInterval steps(long number) {
    return new SaveInterval(number, Unit.STEPS);
  }

  /** As a user writes it: {@code 500}, {@code 20m}, {@code 2h}, {@code epoch}, {@code 3 epochs}; empty if it is none. */
  public static Optional<SaveInterval> parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group(3) != null) {
      return Optional.of(new SaveInterval(1, Unit.EPOCHS));
    }
    long number = Long.parseLong(matcher.group(1));
    if (number == 0) {
      return Optional.empty();
    }
    String unit = matcher.group(2) == null ? "steps" : matcher.group(2);
    return Optional.of(
        switch (unit) {
          case "s" -> new SaveInterval(number, Unit.SECONDS);
          case "m", "min" -> new SaveInterval(Duration.ofMinutes(number).toSeconds(), Unit.SECONDS);
          case "h" -> new SaveInterval(Duration.ofHours(number).toSeconds(), Unit.SECONDS);
          case "epoch", "epochs" -> new SaveInterval(number, Unit.EPOCHS);
          default -> steps(number);
        });
  }
}
