package kiln.model.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** Encoded captions, kept from one phase to the next. Of padding that is masked nothing is kept. */
final class TextEncodings implements AutoCloseable {
  private final int width;
  private final boolean masksPadding;
  private final Arena arena = Arena.ofShared();
  private final Map<Caption, MemorySegment> encodings = new HashMap<>();

  TextEncodings(int width, boolean masksPadding) {
    this.width = width;
    this.masksPadding = masksPadding;
  }

  /**
   * @param hidden float32 [caption's length, width]; copied
   */
  void put(Caption caption, MemorySegment hidden) {
    long bytes = (long) (masksPadding ? caption.numTokens() : caption.length()) * width * Float.BYTES;
    encodings.put(caption, arena.allocate(bytes, 64).copyFrom(hidden.asSlice(0, bytes)));
  }

  /**
   * Fills one row of a UNet's conditioning; what the caption does not reach is zero.
   *
   * @param context float32 [L, width], L at least the caption's length
   * @param mask int32 [L]; null if padding is not masked
   */
  void copy(Caption caption, MemorySegment context, MemorySegment mask) {
    MemorySegment encoding = encodings.get(caption);
    context.asSlice(encoding.byteSize()).fill((byte) 0);
    context.copyFrom(encoding);
    if (mask != null) {
      mask.fill((byte) 0);
      for (int i = 0; i < caption.numTokens(); i++) {
        mask.setAtIndex(ValueLayout.JAVA_INT, i, 1);
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
