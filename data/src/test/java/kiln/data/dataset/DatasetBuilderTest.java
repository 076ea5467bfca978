package kiln.data.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import kiln.data.typography.FontCatalog;
import kiln.data.typography.TypographyOptions;
import kiln.data.typography.TypographySource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetBuilderTest {
  private static FontCatalog catalog;

  @TempDir Path folder;

  @BeforeAll
  static void findFonts() {
    catalog = FontCatalog.ofMachine(_ -> {});
  }

  private static TypographySource source() {
    return new TypographySource(TypographyOptions.defaults(32, 64, 100, 1), catalog);
  }

  @Test
  void shouldBuildTheSameDataOnAnyNumberOfThreads() {
    byte[] one = allPixels(folder.resolve("one"), 1);
    byte[] four = allPixels(folder.resolve("four"), 4);
    assertArrayEquals(one, four);
  }

  private static byte[] allPixels(Path out, int threads) {
    DatasetBuilder.build(source(), out, new BuildOptions(16, threads, true), (_, _, _) -> {});
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (BatchReader reader = BatchReader.open(out)) {
      for (int b = 0; b < reader.numBlocks(); b++) {
        all.writeBytes(reader.block(b).pixels(0, 16).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return all.toByteArray();
  }

  @Test
  void shouldDescribeWhatItBuilt() {
    Path out = folder.resolve("deep/down");
    List<String> progress = new ArrayList<>();
    Manifest manifest =
        DatasetBuilder.build(
            source(),
            out,
            new BuildOptions(16, 2, true),
            (split, done, total) -> progress.add(split + " " + done + "/" + total.orElseThrow()));
    assertEquals(manifest.splits(), Manifest.read(out).splits());
    assertEquals(manifest.notes(), Manifest.read(out).notes());
    assertEquals(100, manifest.splits().get("train").samples());
    assertEquals(12, manifest.splits().get("train").repeated());
    assertEquals(7, manifest.splits().get("train").blocks());
    assertEquals("TRAIN 100/100", progress.get(99));
    assertEquals(Split.VALIDATION + " 64/64", progress.getLast());
    assertTrue(manifest.notes().containsKey("heldOutFonts"));
    assertEquals(100, ((Number) manifest.settings().get("count")).intValue());
  }

  @Test
  void shouldNotTouchFolderThatHoldsFiles() throws Exception {
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.writeString(out.resolve("precious"), "1");
    UserException e =
        assertThrows(
            UserException.class, () -> DatasetBuilder.build(source(), out, BuildOptions.defaults(), (_, _, _) -> {}));
    assertTrue(e.getMessage().contains("already holds files"), e.getMessage());
    assertEquals("1", Files.readString(out.resolve("precious")));
  }

  @Test
  void shouldLeaveNothingBehindWhenItFailsBeforeTheFirstBlock() throws Exception {
    Path out = folder.resolve("out");
    assertThrows(IllegalStateException.class, () -> buildUpTo(10, out));
    try (var left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  private static void buildUpTo(int stop, Path out) {
    DatasetBuilder.build(
        source(),
        out,
        new BuildOptions(16, 2, true),
        (_, done, _) -> {
          if (done == stop) {
            throw new IllegalStateException("stop");
          }
        });
  }
}
