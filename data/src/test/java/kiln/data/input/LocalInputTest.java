package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalInputTest {
  private static final byte[] FILE = Fast.bytes(10_000);

  @TempDir Path folder;

  private static Input input(String location) {
    try (Inputs inputs = new Inputs(Fast.options())) {
      return inputs.of(location);
    }
  }

  @Test
  void shouldReadInOrderAndByRanges() throws IOException {
    Path file = Files.write(folder.resolve("a b:c.tar"), FILE);
    for (String location : new String[] {file.toString(), file.toUri().toString()}) {
      SeekableInput input = (SeekableInput) input(location);
      try (InputStream stream = input.open();
          RangeReader reader = input.openRanges()) {
        assertArrayEquals(FILE, stream.readAllBytes());
        assertEquals(FILE.length, reader.length());
        byte[] bytes = new byte[102];
        reader.read(9_900, bytes, 1, 100);
        assertArrayEquals(Arrays.copyOfRange(FILE, 9_900, 10_000), Arrays.copyOfRange(bytes, 1, 101));
        assertThrows(IndexOutOfBoundsException.class, () -> reader.read(9_901, bytes, 0, 100));
        assertThrows(IndexOutOfBoundsException.class, () -> reader.read(-1, bytes, 0, 1));
      }
    }
  }

  @Test
  void shouldNoticeFileThatHasBecomeShorter() throws IOException {
    Path file = Files.write(folder.resolve("x"), FILE);
    try (RangeReader reader = ((SeekableInput) input(file.toString())).openRanges()) {
      Files.write(file, new byte[100]);
      Fast.assertFails(InputException.CHANGED, () -> reader.read(50, new byte[100], 0, 100), "shorter");
    }
  }

  @Test
  void shouldNameWhatCannotBeRead() {
    String missing = folder.resolve("missing.tar").toString();
    Fast.assertFails(InputException.NOT_FOUND, () -> input(missing).open(), missing);
    Fast.assertFails(InputException.NOT_FOUND, () -> ((SeekableInput) input(missing)).openRanges(), missing);
    Fast.assertFails(InputException.UNREADABLE, () -> input(folder.toString()).open(), "is a folder");
  }

  @Test
  void shouldRefuseLocationsThatMeanNothing() {
    for (String location : new String[] {"ftp://host/x.tar", "http:///x.tar", "http://ho st/x", "file://host/x", "a\0b"}) {
      UserException refused = assertThrows(UserException.class, () -> input(location));
      assertTrue(refused.getMessage().contains(location), refused.getMessage());
    }
  }
}
