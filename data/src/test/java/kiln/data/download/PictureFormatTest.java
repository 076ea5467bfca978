package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureFormatTest {
  private static Optional<PictureFormat> of(String head) {
    return PictureFormat.of(head.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource({"png,PNG", "jpg,JPEG", "gif,GIF", "bmp,BMP", "tif,TIFF"})
  void shouldKnowWhatEncodersWrite(String writer, PictureFormat expected) {
    byte[] file = WebHost.picture(1, writer);
    byte[] head = Arrays.copyOf(file, Math.min(file.length, PictureFormat.HEAD));
    assertEquals(Optional.of(expected), PictureFormat.of(head));
    assertEquals(Optional.of(writer), expected.extension());
  }

  @Test
  void shouldKnowOthersByTheirFirstBytes() {
    assertEquals(Optional.of(PictureFormat.WEBP), of("RIFF\20\0\0\0WEBPVP8 "));
    assertEquals(Optional.of(PictureFormat.AVIF), of("\0\0\0\40ftypavif"));
    assertEquals(Optional.of(PictureFormat.HEIC), of("\0\0\0\40ftypheic"));
    assertEquals(Optional.of(PictureFormat.SVG), of("<?xml version='1.0'?>\n<!-- x --><svg>"));
  }

  @Test
  void shouldTakeNothingElseForAPicture() {
    for (String head :
        new String[] {
          "", "B", "BM", "BMW is a brand of cars, not a bitmap", "RIFF\0\0\0\0WAVEfmt ", "<html>", "GIF", "\u00ff\u00d8", "%PDF-1.7",
          "{\"error\":404}", "\u001f\u008b\b", "\0\0\0\40ftypmp42"
        }) {
      assertEquals(Optional.empty(), of(head), head);
    }
  }
}
