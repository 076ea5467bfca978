package kiln.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8Test {
  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static String refusal(byte[] bytes) {
    return assertThrows(Utf8.InvalidUtf8Exception.class, () -> Utf8.decode(bytes, "a.txt")).getMessage();
  }

  @Test
  void shouldDecodeValidText() throws Exception {
    String text = "aé你🙂";
    assertEquals(text, Utf8.decode(text.getBytes(StandardCharsets.UTF_8), "a.txt"));
    assertEquals("", Utf8.decode(bytes(), "a.txt"));
  }

  @Test
  void shouldNameFileAndOffsetOfInvalidByte() {
    assertEquals("a.txt: byte 0xff at offset 2 is not valid UTF-8", refusal(bytes('a', 'b', 0xff, 'c')));
    assertEquals("a.txt: byte 0xc0 at offset 0 is not valid UTF-8", refusal(bytes(0xc0, 0xaf)));
    assertEquals("a.txt: byte 0xed at offset 1 is not valid UTF-8", refusal(bytes('a', 0xed, 0xa0, 0x80)));
    assertEquals("a.txt: byte 0xe2 at offset 1 is not valid UTF-8", refusal(bytes('a', 0xe2, 0x82)));
  }

  @Test
  void shouldFitWholeCharacters() {
    byte[] utf8 = "aé你🙂".getBytes(StandardCharsets.UTF_8);
    int[] expected = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (int limit = 0; limit < expected.length; limit++) {
      assertEquals(expected[limit], Utf8.fit(utf8, limit), "limit=" + limit);
    }
  }
}
