package kiln.data.queue;

import java.util.Locale;

/** What a part of a data set is for. */
public enum Split {
  TRAIN,
  VALIDATION;

  /** The name of its folder in the data set. */
  public String folder() {
    return name().toLowerCase(Locale.ROOT);
  }
}
