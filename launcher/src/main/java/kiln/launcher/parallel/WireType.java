package kiln.launcher.parallel;

import java.util.Locale;

/** As what numbers of float32 go from rank to rank when gradients are summed. */
public enum WireType {
  FLOAT32,
  /** Half the bytes; see {@link kiln.collectives.NarrowCommunicator}. */
  BF16;

  /** As the user writes it: {@code float32}, {@code bf16}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
