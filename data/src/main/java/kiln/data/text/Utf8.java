package kiln.data.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8: invalid bytes are refused with their place instead of becoming replacement characters. */
public final class Utf8 {
  private Utf8() {}

  /** Where a text stops being UTF-8. */
  public static final class InvalidUtf8Exception extends Exception {
    private static final long serialVersionUID = 1L;

    private InvalidUtf8Exception(String message) {
      super(message);
    }
  }

  /**
   * @param origin the file or field, for the message
   * @throws InvalidUtf8Exception naming origin, byte offset and the byte found there
   */
  public static String decode(byte[] bytes, String origin) throws InvalidUtf8Exception {
    return decode(bytes, 0, bytes.length, origin);
  }

  /** As {@link #decode(byte[], String)} for a part; the offset in the message counts from the start of the array. */
  public static String decode(byte[] bytes, int from, int to, String origin) throws InvalidUtf8Exception {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
    CharBuffer out = CharBuffer.allocate(to - from);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      int offset = in.position();
      throw new InvalidUtf8Exception(
          String.format("%s: byte 0x%02x at offset %d is not valid UTF-8", origin, bytes[offset] & 0xff, offset));
    }
    return out.flip().toString();
  }

  /**
   * How many of the first {@code limit} bytes can be kept without cutting a character.
   *
   * @param utf8 valid UTF-8
   */
  public static int fit(byte[] utf8, int limit) {
    if (utf8.length <= limit) {
      return utf8.length;
    }
    int end = Math.max(0, limit);
    while (end > 0 && (utf8[end] & 0xc0) == 0x80) {
      end--;
    }
    return end;
  }
}
