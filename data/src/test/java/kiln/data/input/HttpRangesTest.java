package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpRangesTest {
  private static final byte[] FILE = Fast.bytes(100_000);

  private static RangeReader open(Inputs inputs, WebServer server) throws IOException {
    return ((SeekableInput) inputs.of(server.at("/table.parquet"))).openRanges();
  }

  @Test
  void shouldReadAnyRange() throws IOException {
    WebServer.Answer breaking = (exchange, _) -> WebServer.file(exchange, FILE, "\"one\"", 30_000);
    try (WebServer server = new WebServer(breaking);
        Inputs inputs = new Inputs(Fast.options());
        RangeReader reader = open(inputs, server)) {
      assertEquals(FILE.length, reader.length());
      byte[] bytes = new byte[70_010];
      reader.read(20_000, bytes, 10, 70_000);
      assertArrayEquals(Arrays.copyOfRange(FILE, 20_000, 90_000), Arrays.copyOfRange(bytes, 10, bytes.length));
      reader.read(99_999, bytes, 0, 1);
      assertEquals(FILE[99_999], bytes[0]);
      assertThrows(IndexOutOfBoundsException.class, () -> reader.read(99_999, bytes, 0, 2));
      assertEquals("bytes=0-0 if null", server.ranges().getFirst());
      assertEquals("bytes=20000-89999 if \"one\"", server.ranges().get(1));
      assertEquals("bytes=50000-89999 if \"one\"", server.ranges().get(2));
    }
  }

  @Test
  void shouldKnowLengthOfEmptyFile() throws IOException {
    WebServer.Answer empty = (exchange, _) -> WebServer.file(exchange, new byte[0], null, 0);
    try (WebServer server = new WebServer(empty);
        Inputs inputs = new Inputs(Fast.options());
        RangeReader reader = open(inputs, server)) {
      assertEquals(0, reader.length());
      reader.read(0, new byte[0], 0, 0);
    }
  }

  @Test
  void shouldRefuseServerWithoutRanges() throws IOException {
    WebServer.Answer whole = (exchange, _) -> WebServer.send(exchange, 200, FILE, 0, FILE.length, FILE.length);
    try (WebServer server = new WebServer(whole);
        Inputs inputs = new Inputs(Fast.options());
        RangeReader reader = open(inputs, server)) {
      Fast.assertFails(InputException.NO_RANGES, () -> reader.read(500, new byte[10], 0, 10), "from 500", "from 0");
    }
  }

  @Test
  void shouldNoticeFileThatChangesBetweenReads() throws IOException {
    WebServer.Answer changing =
        (exchange, number) -> WebServer.file(exchange, FILE, number < 2 ? "\"one\"" : "\"two\"", FILE.length);
    try (WebServer server = new WebServer(changing);
        Inputs inputs = new Inputs(Fast.options());
        RangeReader reader = open(inputs, server)) {
      reader.read(10, new byte[10], 0, 10);
      Fast.assertFails(InputException.CHANGED, () -> reader.read(20, new byte[10], 0, 10), "has changed");
    }
  }
}
