package kiln.data.folder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kiln.bindings.UserException;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.picture.PictureFiles;
import kiln.data.queue.Manifest;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.SkipReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderSourceTest {
  private final Inputs inputs = new Inputs(InputOptions.standard());
  private final SkipReport skips = new SkipReport(false);

  @TempDir Path folder;

  @AfterEach
  void close() {
    inputs.close();
  }

  private ImageFolderSource source() {
    return new ImageFolderSource(folder, ImageFolderOptions.defaults(), inputs);
  }

  private List<RawSample> read() {
    List<RawSample> samples = new ArrayList<>();
    try (RawSamples all = source().open(skips)) {
      all.forEachRemaining(samples::add);
    }
    return samples;
  }

  private Map<String, Long> counts() {
    return skips.summary().stream().collect(Collectors.toMap(Manifest.Skipped::reason, Manifest.Skipped::count));
  }

  private void file(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static List<String> keys(List<RawSample> samples) {
    return samples.stream().map(RawSample::key).toList();
  }

  private static List<String> captions(List<RawSample> samples) {
    return samples.stream().map(s -> s.caption() == null ? "-" : new String(s.caption(), StandardCharsets.UTF_8)).toList();
  }

  @Test
  void shouldReadSidecarsInTheOrderOfPaths() throws Exception {
    file("b.JPG", "B");
    file("b.txt", "Bär");
    file("a/2.png", "2");
    file("a/10.png", "10");
    file("a/10.txt", "ten");
    file("a.webp", "A");
    file(".hidden/x.png", "x");
    file("a/readme.md", "no picture");
    assertEquals(4, source().count().orElseThrow());
    List<RawSample> samples = read();
    assertEquals(List.of("a.webp", "a/10.png", "a/2.png", "b.JPG"), keys(samples));
    assertEquals(List.of("-", "ten", "-", "Bär"), captions(samples));
    assertEquals("{\"file_name\":\"a/10.png\"}", samples.get(1).truth());
    assertArrayEquals("10".getBytes(StandardCharsets.UTF_8), samples.get(1).picture().read());
    assertEquals(folder + "/b.JPG", samples.getLast().origin());
    assertEquals(Map.of(), counts());
  }

  @Test
  void shouldReadMetadataOfEachFolder() throws Exception {
    file("train/1.png", "1");
    file("train/2.png", "2");
    file("train/2.txt", "beside");
    file("train/metadata.jsonl", "{\"file_name\": \"1.png\", \"text\": \"one\", \"n\": 1}\n{\"file_name\": \"1.png\", \"text\": \"uno\"}\n");
    file("test/x.jfif", "x");
    file("test/y.png", "y");
    file("test/metadata.csv", "file_name,caption,note\nx.jfif,\"said \"\"x\"\",\nthen\",n\ny.png,why,\n");
    List<RawSample> samples = read();
    assertEquals(List.of("test/x.jfif", "test/y.png", "train/1.png", "train/1.png#1", "train/2.png"), keys(samples));
    List<String> groups = samples.stream().map(RawSample::group).toList();
    assertEquals(List.of("test/x.jfif", "test/y.png", "train/1.png", "train/1.png", "train/2.png"), groups);
    assertEquals(List.of("said \"x\",\nthen", "why", "one", "uno", "beside"), captions(samples));
    assertEquals("{\"file_name\":\"1.png\",\"text\":\"one\",\"n\":1}", samples.get(2).truth());
    assertEquals("{\"file_name\":\"x.jfif\",\"caption\":\"said \\\"x\\\",\\nthen\",\"note\":\"n\"}", samples.getFirst().truth());
    assertEquals(Map.of(), counts());
  }

  @Test
  void shouldCountWhatIsWrongInMetadata() throws Exception {
    Files.writeString(folder.resolveSibling("outside.png"), "secret");
    file("in/1.png", "1");
    file(
        "in/metadata.jsonl",
        """
        {"file_name": "../../outside.png", "text": "a"}
        {"file_name": "/etc/passwd", "text": "a"}
        {"file_name": "gone.png", "text": "a"}
        {"text": "a"}
        {"file_name": 3, "text": "a"}
        not JSON
        {"file_name": "1.png", "text": "good"}
        """);
    List<RawSample> samples = read();
    assertEquals(List.of("good"), captions(samples));
    assertEquals(
        Map.of(
            PictureFiles.OUTSIDE, 2L,
            ImageFolderSource.NOT_THERE, 1L,
            FolderMetadata.NO_FILE_NAME, 2L,
            "invalid JSON", 1L),
        counts());
  }

  @Test
  void shouldNotReadEndlessCaptions() throws Exception {
    file("1.png", "1");
    file("1.txt", "x".repeat((8 << 20) + 1));
    assertEquals(List.of(), read());
    assertEquals(Map.of(ImageFolderSource.TOO_LONG, 1L), counts());
  }

  @Test
  void shouldSayWhatIsMissing() {
    assertTrue(assertThrows(UserException.class, this::source).getMessage().contains("holds no picture"));
    Path nowhere = folder.resolve("nowhere");
    UserException e =
        assertThrows(
            UserException.class, () -> new ImageFolderSource(nowhere, ImageFolderOptions.defaults(), inputs));
    assertEquals(nowhere + ": there is no such folder", e.getMessage());
    assertNull(e.getCause());
  }
}
