package kiln.data.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.queue.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full: a small file system of its own, which takes root to mount. */
class FullDiskTest {
  private static final int COUNT = 1500;

  @TempDir Path folder;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("disk"));
    String why = run("mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", disk.toString());
    if (!why.isEmpty()) {
      System.err.println("FullDiskTest is skipped: no file system can be mounted here (it takes root): " + why.strip());
      abort("cannot mount: " + why);
    }
    mounted = true;
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertEquals("", run("umount", disk.toString()));
    }
  }

  /** What it says if it fails. */
  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : out.isEmpty() ? "failed" : out;
  }

  @Test
  void shouldSayWhatIsKeptAndGoOnWhenThereIsRoom() throws Exception {
    NumberedSource source = new NumberedSource(COUNT, 32, _ -> {});
    BuildOptions options = new BuildOptions(8, 2, false);
    Path out = disk.resolve("data");
    List<String> refusals = new ArrayList<>();
    for (int size : new int[] {6, 9}) {
      UserException e =
          assertThrows(UserException.class, () -> DatasetBuilder.build(source, out, options, (_, _, _) -> {}));
      refusals.add(e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
      assertTrue(e.getMessage().contains("the disk is full"), e.getMessage());
      assertTrue(e.getMessage().contains("blocks are kept"), e.getMessage());
      assertTrue(e.getMessage().contains("run the same command again"), e.getMessage());
      assertEquals("", run("mount", "-o", "remount,size=" + size + "m", disk.toString()));
    }
    assertTrue(refusals.getLast().matches(".* [1-9][0-9]* samples in [1-9][0-9]* blocks are kept.*"), refusals.getLast());
    assertEquals("", run("mount", "-o", "remount,size=64m", disk.toString()));
    Manifest manifest = DatasetBuilder.build(source, out, options, (_, _, _) -> {});
    assertTrue(manifest.splits().get("train").files().size() > 2, "several parts: " + manifest.splits());

    Path whole = folder.resolve("whole");
    DatasetBuilder.build(source, whole, options, (_, _, _) -> {});
    assertEquals(Datasets.contents(whole), Datasets.contents(out));
  }
}
