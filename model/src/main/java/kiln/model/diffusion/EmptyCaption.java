package kiln.model.diffusion;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The caption that stands for no caption: T5's end token, 1, then padding, 0. Its attention mask is the same numbers, 1 for the
 * end token and 0 for padding, so one tensor serves as both.
 */
final class EmptyCaption {
  private static final int END_TOKEN = 1;

  private EmptyCaption() {}

  /** Writes ids, or mask, of one empty caption. {@code caption} int32 [L]. */
  static void write(MemorySegment caption) {
    caption.fill((byte) 0);
    caption.set(ValueLayout.JAVA_INT, 0, END_TOKEN);
  }
}
