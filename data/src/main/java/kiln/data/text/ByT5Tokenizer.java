package kiln.data.text;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The tokenizer of ByT5 (Xue et al. 2021, "ByT5: Towards a token-free future"): a token is a UTF-8 byte plus 3, followed by one
 * {@link #EOS}; the rest of a fixed length is {@link #PAD}. Ids 259..383 are the sentinels
 * {@code <extra_id_0>..<extra_id_124>}.
 *
 * <p>Text is always plain bytes: a caption that contains the characters {@code </s>} is about those characters and gets their
 * bytes, not the special token. Only {@link #decode} ever prints special tokens.
 */
public final class ByT5Tokenizer {
  public static final int PAD = 0;
  public static final int EOS = 1;
  public static final int UNK = 2;
  public static final int BYTE_OFFSET = 3;
  public static final int FIRST_SENTINEL = BYTE_OFFSET + 256;
  public static final int VOCABULARY = 384;

  private ByT5Tokenizer() {}

  /** All bytes of the text, then {@link #EOS}. */
  public static int[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length + 1];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = (bytes[i] & 0xff) + BYTE_OFFSET;
    }
    ids[bytes.length] = EOS;
    return ids;
  }

  /**
   * Exactly {@code length} ids as the published tokenizer pads and truncates: the first {@code length - 1} bytes (a character
   * may be cut), {@link #EOS}, {@link #PAD}.
   */
  public static int[] encodePadded(String text, int length) {
    int[] all = encode(text);
    int[] ids = Arrays.copyOf(all, length);
    if (all.length > length) {
      ids[length - 1] = EOS;
    }
    return ids;
  }

  /** Ones up to and including the {@link #EOS} of the padded ids, zeros after it. */
  public static int[] mask(int[] padded) {
    int[] mask = new int[padded.length];
    for (int i = 0; i < padded.length && padded[i] != PAD; i++) {
      mask[i] = 1;
    }
    return mask;
  }

  /**
   * Writes a training caption into a row of ids and a row of masks, cut before a character rather than inside it (see
   * {@link Utf8#fit}).
   *
   * @param utf8 the caption's bytes
   * @param ids int32 [length]
   * @param mask int32 [length]
   */
  public static void encode(byte[] utf8, MemorySegment ids, MemorySegment mask) {
    int length = Math.toIntExact(ids.byteSize() / Integer.BYTES);
    int bytes = Utf8.fit(utf8, length - 1);
    for (int i = 0; i < length; i++) {
      int id = i < bytes ? (utf8[i] & 0xff) + BYTE_OFFSET : i == bytes ? EOS : PAD;
      ids.setAtIndex(ValueLayout.JAVA_INT, i, id);
      mask.setAtIndex(ValueLayout.JAVA_INT, i, i <= bytes ? 1 : 0);
    }
  }

  /**
   * The text of the ids. Bytes that are not UTF-8 are dropped. A special token is printed, and interrupts the bytes on its two
   * sides, or, with {@code skipSpecial}, is left out before anything is decoded.
   *
   * @throws IllegalArgumentException if an id lies outside 0..383
   */
  public static String decode(int[] ids, boolean skipSpecial) {
    StringBuilder text = new StringBuilder();
    ByteArrayOutputStream run = new ByteArrayOutputStream();
    for (int id : ids) {
      if (id < 0 || id >= VOCABULARY) {
        throw new IllegalArgumentException("id=" + id + " outside 0.." + (VOCABULARY - 1));
      }
      if (id >= BYTE_OFFSET && id < FIRST_SENTINEL) {
        run.write(id - BYTE_OFFSET);
      } else if (!skipSpecial) {
        text.append(decodeDroppingInvalid(run.toByteArray())).append(special(id));
        run.reset();
      }
    }
    return text.append(decodeDroppingInvalid(run.toByteArray())).toString();
  }

  private static String special(int id) {
    return switch (id) {
      case PAD -> "<pad>";
      case EOS -> "</s>";
      case UNK -> "<unk>";
      default -> "<extra_id_" + (id - FIRST_SENTINEL) + ">";
    };
  }

  private static String decodeDroppingInvalid(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.IGNORE)
          .onUnmappableCharacter(CodingErrorAction.IGNORE)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("a decoder that ignores errors reported one", e);
    }
  }
}
