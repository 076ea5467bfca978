package kiln.data.jsonl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.picture.PictureFiles;
import kiln.data.queue.Manifest;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesSourceTest {
  private static final byte[] PICTURE = {1, 2, 3, (byte) 0xff};

  private final Inputs inputs = new Inputs(InputOptions.standard());
  private final SkipReport skips = new SkipReport(false);

  @TempDir Path folder;

  @AfterEach
  void close() {
    inputs.close();
  }

  private List<RawSample> read(JsonLinesOptions options, Path... files) {
    JsonLinesSource source = new JsonLinesSource(Arrays.stream(files).map(Path::toString).toList(), options, inputs);
    List<RawSample> samples = new ArrayList<>();
    try (RawSamples all = source.open(skips)) {
      all.forEachRemaining(samples::add);
    }
    return samples;
  }

  private Path lines(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines));
  }

  private Map<String, Long> counts() {
    return skips.summary().stream().collect(Collectors.toMap(Manifest.Skipped::reason, Manifest.Skipped::count));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void shouldReadPicturesBesideTheFile() throws Exception {
    Files.createDirectory(folder.resolve("deep"));
    Files.write(folder.resolve("deep/a b.png"), PICTURE);
    Path file =
        lines(
            "x.jsonl",
            "\uFEFF{\"image\": \"deep/a b.png\", \"caption\": \"Käse\", \"width\": 3.10, \"tags\": [1, NaN]}\r",
            "",
            "  {\"file_name\": \"deep/../deep/a b.png\", \"text\": [\"first\", \"second\"]}  ",
            "{\"path\": \"deep/a b.png\", \"caption\": null}");
    List<RawSample> samples = read(JsonLinesOptions.defaults(), file);
    assertEquals(Map.of(), counts());
    assertEquals(3, samples.size());
    RawSample first = samples.getFirst();
    assertEquals("x.jsonl#1", first.key());
    assertEquals(file + ":1", first.origin());
    assertEquals("Käse", text(first.caption()));
    assertEquals("{\"image\":\"deep/a b.png\",\"caption\":\"Käse\",\"width\":3.10,\"tags\":[1,\"NaN\"]}", first.truth());
    assertArrayEquals(PICTURE, first.picture().read());
    assertEquals(0, first.picture().heldBytes());
    assertEquals("first", text(samples.get(1).caption()));
    assertArrayEquals(PICTURE, samples.get(1).picture().read());
    assertNull(samples.get(2).caption());
    assertEquals("x.jsonl#4", samples.get(2).key());
  }

  @Test
  void shouldReadPicturesInTheFile() throws Exception {
    String base64 = Base64.getEncoder().encodeToString(PICTURE);
    Path file = folder.resolve("x.jsonl.gz");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(
          ("{\"image_base64\": \"" + base64 + "\", \"text\": \"a\", \"id\": 7}\n{\"image\": \"data:image/png;base64," + base64 + "\"}\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    Files.write(file, packed.toByteArray());
    JsonLinesOptions usual = JsonLinesOptions.defaults();
    JsonLinesOptions options =
        new JsonLinesOptions(
            usual.imageFields(), usual.base64Fields(), usual.captionFields(), Optional.of("id"), Optional.empty(), 1 << 20, 4);
    List<RawSample> samples = read(options, file);
    assertEquals(List.of("7", "x.jsonl.gz#2"), samples.stream().map(RawSample::key).toList());
    assertEquals(List.of("{\"text\":\"a\",\"id\":7}", "{}"), samples.stream().map(RawSample::truth).toList());
    for (RawSample sample : samples) {
      assertArrayEquals(PICTURE, sample.picture().read());
      assertEquals(PICTURE.length, sample.picture().heldBytes());
    }
  }

  @Test
  void shouldCountEachBadLineByItsReasonAndPlace() throws Exception {
    Path file =
        lines(
            "x.jsonl",
            "{\"image\": \"a.png\"",
            "[1]",
            "{\"image\": \"a.png\"} {}",
            "{\"caption\": \"no picture\"}",
            "{\"image\": \"../a.png\"}",
            "{\"image\": \"/etc/passwd\"}",
            "{\"image\": \"pipe:cat /etc/passwd\"}",
            "{\"image_base64\": \"?\"}",
            "{\"image_base64\": \"AAAAAAAAAAAA\"}",
            "{\"image\": \"" + "x".repeat(300) + "\"}",
            "{\"image\": \"\\u0000\"}",
            "[".repeat(250));
    Files.write(file, new byte[] {'\n', '{', '"', (byte) 0xff, '"', '}'}, StandardOpenOption.APPEND);
    JsonLinesOptions usual = JsonLinesOptions.defaults();
    JsonLinesOptions options =
        new JsonLinesOptions(
            usual.imageFields(), usual.base64Fields(), usual.captionFields(), Optional.empty(), Optional.empty(), 256, 8);
    List<RawSample> samples = read(options, file);
    assertEquals(List.of("x.jsonl#7"), samples.stream().map(RawSample::key).toList());
    UnusableException missing = assertThrows(UnusableException.class, () -> samples.getFirst().picture().read());
    assertEquals("not found", missing.reason());
    assertEquals(
        Map.of(
            JsonLines.BAD_JSON, 5L,
            JsonLinesSource.NO_PICTURE, 1L,
            PictureFiles.OUTSIDE, 3L,
            JsonLinesSource.BAD_BASE64, 1L,
            PictureFiles.TOO_LARGE, 1L,
            JsonLines.TOO_LONG, 1L),
        counts());
    for (Manifest.Skipped skipped : skips.summary()) {
      for (String line : skipped.examples()) {
        assertTrue(line.startsWith(file + ":") && line.lines().count() == 1, line);
      }
    }
    List<String> tooLong =
        skips.summary().stream().filter(s -> s.reason().equals(JsonLines.TOO_LONG)).flatMap(s -> s.examples().stream()).toList();
    assertEquals(List.of(file + ":10: 313 bytes, at most 256 are read"), tooLong);
  }

  @Test
  void shouldRefuseLargePicturesBeforeTheyAreWhole() throws Exception {
    Files.write(folder.resolve("a.png"), new byte[100]);
    JsonLinesOptions usual = JsonLinesOptions.defaults();
    JsonLinesOptions options =
        new JsonLinesOptions(
            usual.imageFields(), usual.base64Fields(), usual.captionFields(), Optional.empty(), Optional.empty(), 256, 99);
    RawSample sample = read(options, lines("x.jsonl", "{\"image\": \"a.png\"}")).getFirst();
    UnusableException e = assertThrows(UnusableException.class, () -> sample.picture().read());
    assertEquals(PictureFiles.TOO_LARGE, e.reason());
  }

  @Test
  void shouldKeepNoMoreOfALineThanAllowed() throws Exception {
    byte[] text = ("a\n" + "x".repeat(3 << 20) + "\r\nb").getBytes(StandardCharsets.UTF_8);
    Lines lines = new Lines(new ByteArrayInputStream(text), 1000);
    assertEquals("a", text(lines.next()));
    assertEquals(1000, lines.next().length);
    assertEquals((3 << 20) + 1, lines.length());
    assertEquals(2, lines.number());
    assertEquals("b", text(lines.next()));
    assertNull(lines.next());
  }

  @Test
  @Timeout(60) // only an endless loop takes so long
  void shouldEndWellWhateverIsDamaged() throws Exception {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      all.append("{\"image\": \"%d.png\", \"caption\": \"caption ü %d\", \"n\": [1, {\"x\": 2e5}]}\n".formatted(i, i));
      all.append("{\"image_base64\": \"AAECAwQFBgc=\", \"text\": \"\\u00e9\"}\n");
    }
    byte[] sound = all.toString().getBytes(StandardCharsets.UTF_8);
    Set<String> reasons =
        Set.of(
            JsonLines.BAD_JSON,
            JsonLinesSource.NO_PICTURE,
            PictureFiles.OUTSIDE,
            JsonLinesSource.BAD_BASE64,
            JsonLines.BROKEN);
    SplittableRandom random = new SplittableRandom(3);
    long read = 0;
    long refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bytes = sound.clone();
      for (int n = random.nextInt(1, 60); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] = "{}[]\",:\\\n\u0000ee9".getBytes(StandardCharsets.UTF_8)[random.nextInt(13)];
      }
      if (i % 3 == 0) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      boolean packed = i % 10 == 0;
      Path file = folder.resolve(packed ? "x.jsonl.gz" : "x.jsonl");
      Files.write(file, packed ? damagedGzip(bytes, random) : bytes);
      SkipReport report = new SkipReport(false);
      JsonLinesSource source = new JsonLinesSource(List.of(file.toString()), JsonLinesOptions.defaults(), inputs);
      try (RawSamples samples = source.open(report)) {
        for (; samples.hasNext(); read++) {
          samples.next();
        }
      }
      for (Manifest.Skipped skipped : report.summary()) {
        assertTrue(reasons.contains(skipped.reason()), skipped.toString());
        refused += skipped.count();
      }
    }
    assertTrue(read > 1000 && refused > 1000, "read " + read + ", refused " + refused);
  }

  private static byte[] damagedGzip(byte[] bytes, SplittableRandom random) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    byte[] file = packed.toByteArray();
    file[random.nextInt(file.length)] ^= 16;
    return file;
  }
}
