package kiln.data.webdataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import kiln.data.source.RawSample;
import kiln.data.source.UnusableException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is a sample, in shards written by the system's tar and by Commons Compress. */
@Timeout(60)
class WebDatasetSourceTest {
  @TempDir Path folder;

  private String shard(String name, Tars tar) throws IOException {
    return Files.write(folder.resolve(name), tar.finish()).toString();
  }

  @Test
  void shouldReadShardsThatTarWrites() throws Exception {
    Path files = Files.createDirectory(folder.resolve("files"));
    String longName = "d".repeat(90) + "/" + "n".repeat(140);
    Files.createDirectory(files.resolve("d".repeat(90)));
    List<String> keys = List.of("a", "b", "ü-漢字", longName);
    List<String> names = new ArrayList<>();
    for (String key : keys) {
      for (String extension : List.of(".JPG", ".txt", ".json", ".cls")) {
        names.add("./" + key + extension);
        Files.writeString(files.resolve(key + extension), extension.equals(".json") ? "{\"id\": 1}" : key + extension);
      }
    }
    Path list = Files.write(folder.resolve("names"), names);
    for (String format : List.of("gnu", "pax", "oldgnu")) {
      Path shard = folder.resolve(format + ".tar");
      Tars.command(files, "--format=" + format, "-cf", shard.toString(), "-T", list.toString());
      Readings readings = Readings.of(shard.toString());
      assertEquals(Map.of(), readings.reasons(), readings.details()::toString);
      assertEquals(keys.stream().map(key -> format + ".tar/" + key).toList(), readings.keys());
      assertEquals(keys.stream().map(key -> key + ".txt").toList(), readings.captions());
      RawSample last = readings.samples().getLast();
      assertEquals(longName + ".JPG", new String(last.picture().read(), StandardCharsets.UTF_8));
      assertEquals("{\"id\":1}", last.truth());
      assertTrue(last.origin().startsWith(shard + "!"), last.origin());
    }
  }

  @Test
  void shouldReadLongNamesOfBothKinds() throws IOException {
    String key = "long/".repeat(60) + "ß";
    for (Tars tar : List.of(Tars.posix(), Tars.gnu())) {
      assertEquals(List.of("x.tar/" + key), Readings.of(shard("x.tar", tar.sample(key))).keys());
    }
  }

  @Test
  void shouldReadCompressedShardsWhateverTheirNames() throws Exception {
    byte[] tar = Tars.posix().sample("a").sample("b").finish();
    for (String kind : List.of("gz", "xz", "bz2")) {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (OutputStream out =
          switch (kind) {
            case "gz" -> new GZIPOutputStream(packed);
            case "xz" -> new XZCompressorOutputStream(packed);
            default -> new BZip2CompressorOutputStream(packed);
          }) {
        out.write(tar);
      }
      Path file = Files.write(folder.resolve("shard-" + kind), packed.toByteArray());
      Readings readings = Readings.of(file.toString());
      assertEquals(List.of("caption of a", "caption of b"), readings.captions(), kind);
      assertEquals(Map.of(), readings.reasons());
      Files.write(file, Arrays.copyOf(packed.toByteArray(), packed.size() - 5));
      readings = Readings.of(file.toString());
      assertEquals(Map.of(Defects.TRUNCATED, 1L), readings.reasons(), kind);
      assertEquals(2, readings.samples().size(), kind);
    }
  }

  @Test
  void shouldSplitNamesAtFirstDotOfLastPart() throws IOException {
    Tars tar =
        Tars.posix()
            .add("v1.0/a.png", "picture")
            .add("v1.0/a.seg.png", "no picture of the sample")
            .add("v1.0/a.txt", "one")
            .add("./v1.0/a.cls", "7")
            .add("v1.0/b.c.txt", "no caption either")
            .add("v1.0/b.webp", "picture")
            .add("v1.0/b.txt", "two")
            .add("__meta__", "x")
            .add(".hidden.png", "x")
            .add("readme", "x");
    Readings readings = Readings.of(shard("x.tar", tar));
    assertEquals(List.of("x.tar/v1.0/a", "x.tar/v1.0/b"), readings.keys());
    assertEquals(List.of("one", "two"), readings.captions());
    assertEquals(Map.of(), readings.reasons());
  }

  @Test
  void shouldTakeCaptionFromTextThenFromJson() throws IOException {
    Tars tar =
        Tars.posix()
            .add("a.json", "{\"caption\": \"of JSON\"}").add("a.png", "p").add("a.txt", "of text")
            .add("b.png", "p").add("b.json", "{\n \"text\": \"second field\",\n \"url\": null,\n \"score\": 0.10, \"n\": NaN}")
            .add("c.png", "p").add("c.json", "{\"text\": \"no\", \"caption\": \"first field\"}")
            .add("d.png", "p").add("d.json", "{\"caption\": null, \"text\": [\"x\"]}")
            .add("e.png", "p")
            .add("f.png", "p").add("f.txt", "");
    Readings readings = Readings.of(shard("x.tar", tar));
    assertEquals(Arrays.asList("of text", "second field", "first field", null, null, ""), readings.captions());
    assertEquals("{\"caption\":\"of JSON\"}", readings.samples().get(0).truth());
    assertTrue(readings.samples().get(1).truth().contains("\"score\":0.1"), readings.samples().get(1).truth());
    assertEquals("{}", readings.samples().get(4).truth());
    WebDatasetOptions other = new WebDatasetOptions(List.of("url", "caption"), 100, OptionalLong.empty(), 1);
    assertEquals("first field", Readings.of(other, false, folder.resolve("x.tar").toString()).captions().get(2));
  }

  @Test
  void shouldGiveReasonForEachSampleLeftOut() throws IOException {
    Tars tar =
        Tars.posix()
            .sample("good1")
            .add("alone.txt", "caption").add("alone.json", "{}")
            .add("twice.png", "p").add("twice.jpg", "p").add("twice.txt", "c")
            .add("captions.png", "p").add("captions.txt", "c").add("captions.TXT", "c")
            .add("large.png", new byte[2 << 20]).add("large.txt", "c")
            .add("text.png", "p").add("text.txt", new byte[5 << 20])
            .link("link.png", "good1.png").add("link.txt", "c")
            .sample("good1")
            .add("json1.png", "p").add("json1.json", "{\"caption\": ")
            .add("json2.png", "p").add("json2.json", "[1]")
            .add("json3.png", "p").add("json3.json", new byte[] {'"', (byte) 0xff, '"'})
            .add("json4.png", "p").add("json4.json", "[".repeat(100_000))
            .add("json5.png", "p").add("json5.json", "")
            .sample("good2");
    String shard = shard("x.tar", tar);
    Readings readings = Readings.of(shard);
    assertEquals(List.of("x.tar/good1", "x.tar/good2"), readings.keys());
    Map<String, Long> expected =
        Map.of(
            Defects.NO_PICTURE, 1L,
            Defects.TWO_PICTURES, 1L,
            Defects.TWO_CAPTIONS, 1L,
            Defects.TOO_LARGE, 2L,
            Defects.NO_FILE, 1L,
            Defects.REPEATED, 1L,
            Defects.BAD_JSON, 5L);
    assertEquals(expected, readings.reasons(), readings.details()::toString);
    for (String detail : readings.details()) {
      assertTrue(detail.startsWith(shard + "!"), detail);
      assertEquals(1, detail.lines().count(), detail);
    }
  }

  @Test
  void shouldTellSamplesOfShardsApart() throws IOException {
    for (String path : List.of("a/0.tar", "b/0.tar", "b/1.tar")) {
      Files.createDirectories(folder.resolve(path).getParent());
      shard(path, Tars.posix().sample("x"));
    }
    assertEquals(List.of("0.tar/x", "1.tar/x"), Readings.of(folder + "/b/{0,1}.tar").keys());
    assertEquals(2, new HashSet<>(Readings.of(folder + "/{a,b}/0.tar").keys()).size());
  }

  @Test
  void shouldKeepOrderHoweverManyAreReadAtOnce() throws IOException {
    for (int i = 0; i < 12; i++) {
      shard("%02d.tar".formatted(i), Tars.posix().sample("s" + 2 * i).sample("s" + (2 * i + 1)));
    }
    List<String> inOrder = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      inOrder.add("caption of s" + i);
    }
    for (int atOnce : new int[] {1, 3, 20}) {
      assertEquals(inOrder, Readings.of(Readings.options(atOnce, OptionalLong.empty()), false, folder.toString()).captions());
    }
    List<String> shuffled = Readings.of(Readings.options(2, OptionalLong.of(7)), false, folder.toString()).captions();
    assertEquals(shuffled, Readings.of(Readings.options(5, OptionalLong.of(7)), false, folder + "/*.tar").captions());
    assertNotEquals(inOrder, shuffled);
    assertEquals(new HashSet<>(inOrder), new HashSet<>(shuffled));
    assertNotEquals(shuffled, Readings.of(Readings.options(2, OptionalLong.of(8)), false, folder.toString()).captions());
  }

  @Test
  void shouldHandOverPicturesUnchanged() throws IOException, UnusableException {
    byte[] picture = new byte[700_000];
    new Random(1).nextBytes(picture);
    Readings readings = Readings.of(shard("x.tar", Tars.posix().add("a.tiff", picture).add("a.txt", "c")));
    RawSample sample = readings.samples().getFirst();
    assertArrayEquals(picture, sample.picture().read());
    assertEquals(picture.length, sample.picture().heldBytes());
  }
}
