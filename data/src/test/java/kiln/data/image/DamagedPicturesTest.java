package kiln.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import kiln.data.source.UnusableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are cut, changed or lie about themselves: each is read, or refused for a reason of fixed words. */
class DamagedPicturesTest {
  private static final PictureLimits SMALL = new PictureLimits(1 << 20, 1_000_000);
  private static final Set<String> REASONS = Set.of(Pictures.UNDECODABLE, Pictures.TOO_LARGE);

  @ParameterizedTest
  @CsvSource({
    "rgb.png", "rgba16.png", "palette.png", "colour.jpg", "progressive.jpg", "cmyk.jpg", "palette.gif", "lossless.webp",
    "lossy.webp", "rgb.tif", "rgb.bmp"
  })
  void shouldRefuseAFileThatWasCut(String name) {
    byte[] whole = GoldenPictures.bytes(name);
    for (boolean fast : new boolean[] {true, false}) {
      for (int part = 1; part <= 7; part++) {
        byte[] cut = Arrays.copyOf(whole, whole.length * part / 8);
        UnusableException e = assertThrows(UnusableException.class, () -> read(cut, name, fast), name + " part=" + part);
        assertEquals(Pictures.UNDECODABLE, e.reason());
        assertTrue(e.getMessage().startsWith(name + ": ") && e.getMessage().lines().count() == 1, e.getMessage());
      }
    }
  }

  private static RgbImage read(byte[] file, String origin, boolean fast) throws UnusableException {
    return PictureFile.open(file, origin, SMALL, fast).whole();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldRefuseByTheHeaderWhatIsTooLarge(boolean fast) {
    byte[] png = GoldenPictures.bytes("rgb.png");
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 60_000).putInt(20, 50_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    byte[] jpeg = GoldenPictures.bytes("colour.jpg");
    for (int i = 2; i < jpeg.length; i++) {
      if ((jpeg[i - 2] & 255) == 0xff && (jpeg[i - 1] & 255) == 0xc0) {
        ByteBuffer.wrap(jpeg).putShort(i + 3, (short) 65_000).putShort(i + 5, (short) 65_000);
        break;
      }
    }
    for (byte[] file : List.of(png, jpeg)) {
      UnusableException e = assertThrows(UnusableException.class, () -> read(file, "bomb", fast));
      assertEquals(Pictures.TOO_LARGE, e.reason());
      assertTrue(e.getMessage().contains("pixels, at most 1000000"), e.getMessage());
    }
  }

  @Test
  void shouldRefuseAFileOfTooManyBytesUnread() {
    byte[] large = new byte[SMALL.fileBytes() < Integer.MAX_VALUE ? (int) SMALL.fileBytes() + 1 : 0];
    assertEquals("image file too large", assertThrows(UnusableException.class, () -> read(large, "a", true)).reason());
  }

  @Test
  void shouldNameFormatsThatAreNotRead() {
    byte[] avif = "\0\0\0\u001cftypavif\0\0\0\0".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    UnusableException e = assertThrows(UnusableException.class, () -> read(avif, "a.avif", true));
    assertEquals("a.avif: does not decode: AVIF, which is not read", e.getMessage());
  }

  /** 480 files, each with some bytes changed, removed, repeated or set to extremes. */
  @Test
  void shouldReadOrRefuseEveryMutatedFile() {
    List<String> names =
        List.of(
            "rgb.png", "palette-clear.png", "grey16.png", "colour.jpg", "progressive.jpg", "cmyk.jpg", "orientation-6.jpg",
            "animated.gif", "lossy.webp", "rgba-lossless.webp", "rgb.tif", "palette.tif");
    Map<String, Integer> outcomes = new TreeMap<>();
    Random random = new Random(2026);
    for (String name : names) {
      byte[] whole = GoldenPictures.bytes(name);
      for (int i = 0; i < 40; i++) {
        byte[] mutated = mutated(whole, random);
        boolean fast = i % 4 != 0;
        String outcome =
            assertTimeoutPreemptively(Duration.ofSeconds(30), () -> outcome(mutated, fast), name + " i=" + i);
        outcomes.merge(outcome, 1, Integer::sum);
      }
    }
    assertEquals(480, outcomes.values().stream().mapToInt(Integer::intValue).sum());
    assertTrue(outcomes.get("read") > 20 && outcomes.get(Pictures.UNDECODABLE) > 100, outcomes.toString());
  }

  private static String outcome(byte[] file, boolean fast) {
    try {
      PictureFile picture = PictureFile.open(file, "mutated", SMALL, fast);
      picture.resized(Region.whole(picture.height(), picture.width()), 16, 16, true);
      return "read";
    } catch (UnusableException e) {
      assertTrue(REASONS.contains(e.reason()), e.reason());
      assertTrue(e.getMessage().startsWith("mutated: ") && e.getMessage().lines().count() == 1, e.getMessage());
      return e.reason();
    }
  }

  private static byte[] mutated(byte[] file, Random random) {
    byte[] out = file.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      // Headers decide most, so half of all changes are there.
      int at = random.nextInt(random.nextBoolean() ? Math.min(64, out.length) : out.length);
      switch (random.nextInt(5)) {
        case 0 -> out[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> out[at] = (byte) random.nextInt();
        case 2 -> Arrays.fill(out, at, Math.min(out.length, at + 4), (byte) (random.nextBoolean() ? 0xff : 0x7f));
        case 3 -> out = cut(out, at, Math.min(out.length, at + 1 + random.nextInt(32)));
        default -> out = repeated(out, at, Math.min(out.length, at + 1 + random.nextInt(32)));
      }
      if (out.length == 0) {
        return out;
      }
    }
    return out;
  }

  private static byte[] cut(byte[] bytes, int from, int to) {
    return joined(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, to, bytes.length));
  }

  private static byte[] repeated(byte[] bytes, int from, int to) {
    return joined(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, from, bytes.length));
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Stream.of(parts).mapToInt(part -> part.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
