package kiln.data.parquet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import kiln.bindings.UserException;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.SkipReport;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetSourceTest {
  private static final Path WRITTEN_ELSEWHERE = Path.of("src/test/resources/parquet");
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message row {
            optional group image { optional binary bytes; optional binary path (STRING); }
            optional binary text (STRING);
            required int64 number;
            optional binary kind (STRING);
          }
          """);

  private final Inputs inputs = new Inputs(InputOptions.standard());

  @TempDir Path folder;

  @AfterEach
  void close() {
    inputs.close();
  }

  private ParquetSource source(ParquetOptions options, Path... files) {
    return new ParquetSource(TableFiles.of(List.of(files).stream().map(Path::toString).toList(), inputs), options);
  }

  private static List<RawSample> read(ParquetSource source, SkipReport skips) {
    List<RawSample> samples = new ArrayList<>();
    try (RawSamples all = source.open(skips)) {
      all.forEachRemaining(samples::add);
    }
    return samples;
  }

  private static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  /** By Arrow's C++ writer, which shares nothing with parquet's Java. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4", "v2"})
  void shouldReadWhatPyarrowWrote(String variant) throws Exception {
    ParquetSource source = source(ParquetOptions.defaults(), WRITTEN_ELSEWHERE.resolve("pictures-" + variant + ".parquet"));
    assertEquals(12, source.count().orElseThrow());
    SkipReport skips = new SkipReport(false);
    List<RawSample> samples = read(source, skips);
    assertEquals(11, samples.size());
    assertEquals(1, skips.summary().size());
    assertEquals("row without picture", skips.summary().getFirst().reason());
    assertTrue(skips.summary().getFirst().examples().getFirst().contains(variant + ".parquet: row 5"));
    RawSample first = samples.getFirst();
    assertEquals("caption 0 é", text(first.caption()));
    assertEquals("pictures-" + variant + ".parquet#0", first.key());
    assertEquals(
        "{\"tags\":[],\"score\":0.0,\"size\":0,\"when\":\"2024-02-29T12:00:00Z\",\"kind\":\"b\",\"path\":\"0.png\"}",
        first.truth());
    RawSample last = samples.getLast();
    assertEquals("pictures-" + variant + ".parquet#11", last.key());
    assertEquals(
        "{\"score\":2.75,\"size\":88,\"when\":\"2024-02-29T12:00:11Z\",\"kind\":\"a\",\"path\":\"11.png\"}", last.truth());
    assertEquals(0xff000000 | 220 << 16 | 35, ImageIO.read(new ByteArrayInputStream(last.picture().read())).getRGB(3, 3));
    assertNull(samples.get(6).caption());
    assertTrue(samples.get(2).truth().contains("\"tags\":[\"t0\",\"t1\"]"), samples.get(2).truth());
  }

  @Test
  void shouldWriteTruthAsJsonWhateverItsType() throws Exception {
    ParquetSource types = source(ParquetOptions.defaults(), WRITTEN_ELSEWHERE.resolve("types.parquet"));
    RawSample sample = read(types, new SkipReport(true)).getFirst();
    assertEquals("first", text(sample.caption()));
    assertEquals(
        "{\"caption\":[\"first\",\"second\"],\"decimal\":-12.340,\"small\":1.5,\"date\":\"2024-02-29\","
            + "\"time\":\"01:02:03.450\",\"half\":0.25,\"nan\":null,\"yes\":true,\"unsigned\":18446744073709551615,\"bytes\":\"/wA=\",\"map\":{\"a\":1,\"b\":2},"
            + "\"boxes\":[{\"x\":1,\"y\":null},{\"x\":2,\"y\":[3.5]}],"
            + "\"uuid\":\"00010203-0405-0607-0809-0a0b0c0d0e0f\"}",
        sample.truth());
    ParquetSource old = source(ParquetOptions.defaults(), WRITTEN_ELSEWHERE.resolve("int96.parquet"));
    sample = read(old, new SkipReport(true)).getFirst();
    assertEquals("{\"when\":\"2024-02-29T12:00:01Z\"}", sample.truth());
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"})
  void shouldReadAllCodecsAndPageVersions(CompressionCodecName codec) throws Exception {
    for (int version = 1; version <= 2; version++) {
      Path file = folder.resolve(codec + "-" + version + ".parquet");
      WrittenParquet.write(file, SCHEMA, codec, version, List.of(rows(0, 300), rows(300, 1), rows(301, 299)));
      SkipReport skips = new SkipReport(true);
      List<RawSample> samples = read(source(ParquetOptions.defaults(), file), skips);
      assertEquals(600, samples.size());
      for (int i = 0; i < 600; i++) {
        RawSample sample = samples.get(i);
        assertEquals(i % 11 == 0 ? null : "caption " + i, text(sample.caption()));
        assertArrayEquals(picture(i), sample.picture().read());
        assertEquals(picture(i).length, sample.picture().heldBytes());
        assertEquals("{\"number\":" + i + ",\"kind\":\"" + (i % 3) + "\",\"path\":\"p/" + i + "\"}", sample.truth());
      }
    }
  }

  private static List<Group> rows(int from, int count) {
    List<Group> rows = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      SimpleGroup row = new SimpleGroup(SCHEMA);
      Group image = row.addGroup("image");
      image.add("bytes", Binary.fromConstantByteArray(picture(i)));
      image.add("path", "p/" + i);
      if (i % 11 != 0) {
        row.add("text", "caption " + i);
      }
      row.add("number", (long) i);
      row.add("kind", Integer.toString(i % 3));
      rows.add(row);
    }
    return rows;
  }

  private static byte[] picture(int i) {
    return ("picture " + i + " ").repeat(1 + i % 50).getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void shouldTakeKeyCaptionAndTruthFromTheColumnsNamed() throws Exception {
    Path file = folder.resolve("a.parquet");
    WrittenParquet.write(file, SCHEMA, CompressionCodecName.SNAPPY, 1, List.of(rows(1, 2)));
    ParquetOptions options =
        new ParquetOptions(
            List.of("none", "image.bytes"), List.of("image.path"), Optional.of("number"), List.of("kind"), 1 << 20);
    List<RawSample> samples = read(source(options, file), new SkipReport(true));
    assertEquals("1", samples.getFirst().key());
    assertEquals("p/1", text(samples.getFirst().caption()));
    assertEquals("{\"kind\":\"1\",\"path\":\"p/1\"}", samples.getFirst().truth());
    assertEquals(file + ": row 1", samples.get(1).origin());
  }

  @Test
  void shouldNameTheColumnsThatThereAre() throws Exception {
    Path file = folder.resolve("a.parquet");
    WrittenParquet.write(file, SCHEMA, CompressionCodecName.SNAPPY, 1, List.of(rows(1, 2)));
    ParquetOptions options =
        new ParquetOptions(List.of("picture"), List.of("text"), Optional.empty(), List.of(), 1 << 20);
    UserException e = assertThrows(UserException.class, () -> source(options, file));
    assertEquals(file + ": no column picture or picture.bytes, found image, text, number, kind", e.getMessage());
    ParquetOptions number = new ParquetOptions(List.of("number"), List.of("text"), Optional.empty(), List.of(), 1 << 20);
    assertTrue(assertThrows(UserException.class, () -> source(number, file)).getMessage().contains("found INT64"));
  }

  @Test
  void shouldGoOnAfterFilesThatAreNone() throws Exception {
    Path broken = Files.writeString(folder.resolve("a.parquet"), "no Parquet at all");
    Path good = folder.resolve("b.parquet");
    WrittenParquet.write(good, SCHEMA, CompressionCodecName.ZSTD, 1, List.of(rows(0, 3)));
    Path cut = folder.resolve("c.parquet");
    byte[] whole = Files.readAllBytes(good);
    Files.write(cut, Arrays.copyOf(whole, whole.length - 5));
    SkipReport skips = new SkipReport(false);
    assertEquals(3, read(source(ParquetOptions.defaults(), folder), skips).size());
    assertEquals(1, skips.summary().size());
    assertEquals("not a Parquet file", skips.summary().getFirst().reason());
    assertEquals(
        List.of(
            broken + ": does not end with PAR1: not Parquet, or not complete",
            cut + ": does not end with PAR1: not Parquet, or not complete"),
        skips.summary().getFirst().examples());
  }

  @Test
  void shouldLoseOnlyTheRowGroupWhoseChecksumFails() throws Exception {
    Path file = folder.resolve("a.parquet");
    WrittenParquet.write(file, SCHEMA, CompressionCodecName.UNCOMPRESSED, 1, List.of(rows(0, 10), rows(10, 10)));
    byte[] bytes = Files.readAllBytes(file);
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[all.indexOf("picture 3")] ^= 1;
    Files.write(file, bytes);
    SkipReport skips = new SkipReport(false);
    List<RawSample> samples = read(source(ParquetOptions.defaults(), file), skips);
    assertEquals(10, samples.size());
    assertEquals("a.parquet#10", samples.getFirst().key());
    assertEquals("corrupt Parquet row group", skips.summary().getFirst().reason());
    assertTrue(skips.summary().getFirst().examples().getFirst().contains("does not match its checksum"));
  }

  @Test
  void shouldLeaveOutPicturesAboveTheLimit() throws Exception {
    Path file = folder.resolve("a.parquet");
    WrittenParquet.write(file, SCHEMA, CompressionCodecName.SNAPPY, 1, List.of(rows(0, 50)));
    ParquetOptions options =
        new ParquetOptions(List.of("image"), List.of("text"), Optional.empty(), List.of(), picture(9).length);
    SkipReport skips = new SkipReport(false);
    assertEquals(10, read(source(options, file), skips).size());
    assertEquals("image file too large", skips.summary().getFirst().reason());
    assertEquals(40, skips.summary().getFirst().count());
  }

  @Test
  void shouldRefuseWhatCannotBeReadFromItsEnd() {
    UserException e = assertThrows(UserException.class, () -> TableFiles.of(List.of("pipe:cat x"), inputs));
    assertTrue(e.getMessage().contains("read from its end"), e.getMessage());
  }
}
