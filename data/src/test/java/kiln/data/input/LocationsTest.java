package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocationsTest {
  @TempDir Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    for (String name : List.of("b.tar", "a.tar", "c.TAR", "notes.txt", "x{1..2}.tar", "deep/d.tar", "deep/er/e.tar")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
  }

  private List<String> expand(String... patterns) {
    return Locations.expand(List.of(patterns).stream().map(this::at).toList(), List.of(".tar")).stream()
        .map(found -> found.startsWith(folder.toString()) ? found.substring(folder.toString().length() + 1) : found)
        .toList();
  }

  private String at(String pattern) {
    return pattern.contains(":") ? pattern : folder + "/" + pattern;
  }

  @Test
  void shouldListFolderByName() {
    assertEquals(List.of("a.tar", "b.tar", "c.TAR", "x{1..2}.tar"), expand(""));
  }

  @Test
  void shouldMatchWildCards() {
    assertEquals(List.of("a.tar", "b.tar"), expand("[a-c].tar"));
    assertEquals(List.of("deep/d.tar"), expand("*/*.tar"));
    assertEquals(List.of("deep/d.tar", "deep/er/e.tar"), expand("d*/**.tar"));
    assertEquals(List.of("b.tar", "a.tar"), expand("b.t?r", "?.tar").subList(0, 2));
  }

  @Test
  void shouldExpandBracesUnlessFileIsNamedSo() {
    assertEquals(List.of("b.tar", "a.tar", "missing.tar"), expand("{b,a,missing}.tar"));
    assertEquals(List.of("x{1..2}.tar"), expand("x{1..2}.tar"));
  }

  @Test
  void shouldKeepOrderAndLeaveOtherLocationsAlone() {
    assertEquals(
        List.of("s3://bucket/*/2.tar", "http://host/a?b=1", "pipe:cat 0.tar", "pipe:cat 1.tar", "a.tar"),
        expand("s3://bucket/*/2.tar", "http://host/a?b=1", "pipe:cat {0..1}.tar", "a.tar"));
  }

  @Test
  void shouldRefuseWhatMeansNoFile() throws IOException {
    Files.createDirectory(folder.resolve("empty"));
    for (String pattern : List.of("missing.tar", "empty", "*.zip", "nowhere/*.tar", "[.tar")) {
      UserException refused = assertThrows(UserException.class, () -> expand(pattern), pattern);
      assertTrue(refused.getMessage().contains(pattern), refused.getMessage());
      assertEquals(1, refused.getMessage().lines().count());
    }
  }
}
