package kiln.data.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import kiln.bindings.JavaCommand;
import kiln.bindings.UserException;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build that was stopped and went on ends with the same blocks as one that was not. */
class ResumedBuildTest {
  private static final int COUNT = 900;
  private static final int BLOCK = 8;

  @TempDir private static Path shared;
  private static List<String> undisturbed;
  private static Manifest manifest;

  @TempDir Path temporary;

  @BeforeAll
  static void build() {
    manifest = DatasetBuilder.build(new NumberedSource(COUNT), shared.resolve("data"), options(1), (_, _, _) -> {});
    undisturbed = Datasets.contents(shared.resolve("data"));
  }

  private static BuildOptions options(int writers) {
    return new BuildOptions(BLOCK, 2, false, 20_000, new WriterShare(writers, null), null);
  }

  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static void buildUpTo(int stop, Path out, int writers) {
    int[] seen = new int[1];
    assertThrows(
        Stop.class,
        () ->
            DatasetBuilder.build(
                new NumberedSource(COUNT),
                out,
                options(writers),
                (_, _, _) -> {
                  if (++seen[0] == stop) {
                    throw new Stop();
                  }
                }));
  }

  private static void assertSame(Path out) {
    assertEquals(undisturbed, Datasets.contents(out));
    Manifest found = Manifest.read(out);
    assertEquals(manifest.skipped(), found.skipped());
    manifest.splits().forEach((split, contents) -> {
      Manifest.Contents other = found.splits().get(split);
      assertEquals(contents.samples(), other.samples());
      assertEquals(contents.repeated(), other.repeated());
      assertEquals(contents.buckets(), other.buckets());
    });
  }

  @Test
  void shouldMakeTheSameBlocksWhereverItWasStopped() {
    for (int writers : new int[] {1, 3}) {
      Path out = temporary.resolve("data" + writers);
      for (int stop : new int[] {100, 1, 30, 333, 2, 90}) {
        buildUpTo(stop, out, writers);
      }
      long[] resumed = new long[2];
      DatasetBuilder.build(
          new NumberedSource(COUNT),
          out,
          options(writers),
          new ProgressListener() {
            @Override
            public void progress(Split split, long done, OptionalLong total) {}

            @Override
            public void resumed(long samples, long blocks) {
              resumed[0] = samples;
              resumed[1] = blocks;
            }
          });
      assertTrue(resumed[1] > 10 && resumed[0] == BLOCK * resumed[1], "resumed with " + resumed[0] + " in " + resumed[1]);
      assertSame(out);
    }
  }

  @Test
  void shouldMakeOnlyDraftsThatNoBlockHolds() {
    Path out = temporary.resolve("data");
    buildUpTo(700, out, 1);
    Set<Integer> made = new ConcurrentSkipListSet<>();
    DatasetBuilder.build(new NumberedSource(COUNT, 8, made::add), out, options(1), (_, _, _) -> {});
    assertSame(out);
    // What follows, what waited in 12 buckets, and what cannot be made, which is tried again.
    assertTrue(made.size() < COUNT - 700 + 12 * BLOCK + COUNT / 17, "made=" + made.size());
    assertFalse(made.contains(0));
  }

  @Test
  void shouldLeaveOutTornRecordAndMakeDamagedBlockAgain() throws Exception {
    Path out = temporary.resolve("data");
    buildUpTo(500, out, 1);
    Path file = out.resolve("train/writer-0-part-0/19700101.cq4");
    byte[] bytes = Files.readAllBytes(file);
    List<Integer> blocks = new ArrayList<>();
    for (int at = 0; at + 8 <= bytes.length; at += 64) {
      if (new String(bytes, at, 8, StandardCharsets.ISO_8859_1).equals("KILNBLK\0")) {
        blocks.add(at);
      }
    }
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(blocks.get(3) + 500); // a page that never reached the disk
      raw.write(new byte[200]);
      int header = blocks.getLast() - 4;
      while (bytes[header + 3] == 0 && bytes[header + 2] == 0 && bytes[header + 1] == 0) {
        header -= 4;
      }
      raw.seek(header + 3);
      raw.write(0x80); // as Chronicle leaves a record that is being written
    }
    DatasetBuilder.build(new NumberedSource(COUNT), out, options(1), (_, _, _) -> {});
    assertSame(out);
  }

  @Test
  void shouldGoOnAfterProcessWasKilled() throws Exception {
    Path out = temporary.resolve("data");
    int kills = 0;
    for (int round = 0; round < 3 && !Files.exists(out.resolve(Manifest.FILE)); round++) {
      Process process = process(out);
      int seen = 0;
      while (process.getInputStream().read() >= 0 && ++seen < 220) {
        // a character per sample
      }
      process.destroyForcibly();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      kills++;
      assertFalse(Files.exists(out.resolve(Manifest.FILE)));
    }
    assertEquals(3, kills);
    DatasetBuilder.build(new NumberedSource(COUNT), out, options(1), (_, _, _) -> {});
    assertSame(out);
  }

  private static Process process(Path out) throws Exception {
    List<String> command = JavaCommand.of(ResumedBuildTest.class, List.of(), List.of(out.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** The process that is killed. */
  public static void main(String[] args) {
    DatasetBuilder.build(
        new NumberedSource(COUNT),
        Path.of(args[0]),
        options(1),
        (_, _, _) -> {
          System.out.print('.');
          System.out.flush();
        });
  }

  @Test
  void shouldRefuseToGoOnWithOtherSettings() throws Exception {
    Path out = temporary.resolve("data");
    buildUpTo(500, out, 1);
    List<String> before = files(out);
    refuse(new NumberedSource(COUNT + 1), out, options(1), "settings.count was 900 and is now 901");
    refuse(new NumberedSource(COUNT), out, options(1).withBlockSize(4), "blockSize was 8 and is now 4");
    refuse(new NumberedSource(COUNT), out, options(2), "writers was 1 and is now 2");
    assertEquals(before, files(out));
    DatasetBuilder.build(new NumberedSource(COUNT), out, options(1), (_, _, _) -> {});
    refuse(new NumberedSource(COUNT), out, options(1), "already holds files of a finished data set");
    assertSame(out);
  }

  private static void refuse(NumberedSource source, Path out, BuildOptions options, String why) {
    UserException e =
        assertThrows(UserException.class, () -> DatasetBuilder.build(source, out, options, (_, _, _) -> {}));
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  private static List<String> files(Path out) throws Exception {
    try (var files = Files.walk(out)) {
      return files.filter(Files::isRegularFile).map(Path::toString).filter(f -> !f.endsWith(".lock")).sorted().toList();
    }
  }

  @Test
  void shouldRefuseSecondProcessMeanwhile() {
    Path out = temporary.resolve("data");
    List<String> refusals = new ArrayList<>();
    DatasetBuilder.build(
        new NumberedSource(COUNT),
        out,
        options(1),
        (_, _, _) -> {
          if (refusals.isEmpty()) {
            UserException e =
                assertThrows(
                    UserException.class,
                    () -> DatasetBuilder.build(new NumberedSource(COUNT), out, options(1), (_, _, _) -> {}));
            refusals.add(e.getMessage());
          }
        });
    assertTrue(refusals.getFirst().contains("another process is preparing it"), refusals.getFirst());
    assertSame(out);
  }

  @Test
  void shouldGiveTheSameBlocksToAnyNumberOfQueues() {
    Path out = temporary.resolve("data");
    DatasetBuilder.build(new NumberedSource(COUNT), out, options(4), (_, _, _) -> {});
    assertSame(out);
    assertTrue(Files.exists(out.resolve("train/writer-3-part-0/19700101.cq4")));
  }

  @Test
  void shouldFinishWhenAllWritersThatPrepareApartAreDone() {
    Path out = temporary.resolve("data");
    List<Integer> order = List.of(2, 0, 1);
    for (int writer : order) {
      BuildOptions options = options(1).withShare(new WriterShare(3, writer));
      boolean finished =
          DatasetBuilder.buildShare(new NumberedSource(COUNT), out, options, (_, _, _) -> {}).isPresent();
      assertEquals(writer == 1, finished);
      assertEquals(finished, Files.exists(out.resolve(Manifest.FILE)));
    }
    assertEquals(manifest.skipped().getFirst().count(), Manifest.read(out).skipped().getFirst().count());
    assertEquals(manifest.splits().get("train").samples(), Manifest.read(out).splits().get("train").samples());
    Set<String> captions = new TreeSet<>();
    for (String block : Datasets.contents(out)) {
      for (String sample : block.split(" ")) {
        if (sample.contains("number")) {
          captions.add(sample.substring(sample.indexOf('=')));
        }
      }
    }
    assertEquals(COUNT - COUNT / 17, captions.size(), "every sample is there");
  }
}
