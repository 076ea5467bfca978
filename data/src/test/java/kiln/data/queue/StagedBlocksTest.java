package kiln.data.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedBlocksTest {
  private static final int BLOCKS = 20;

  @TempDir Path folder;
  private Path dataset;

  @BeforeEach
  void make() throws Exception {
    dataset = Samples.dataset(Files.createDirectory(folder.resolve("data")), BucketTable.square(96, 16), BLOCKS * 8);
  }

  /** Reads every step's block, from a copy or not, and sees whether it is the right one. */
  private static int readAll(BatchReader reader, StagedBlocks staged, long first, long end) {
    int copies = 0;
    for (long step = first; step < end; step++) {
      long number = number(step);
      Block block = staged.block(number, step);
      assertEquals(reader.block(number).sampleId(5), block.sampleId(5));
      assertTrue(Samples.pixelsAre(block.sampleId(5), block.pixels(5, 1)));
      copies += block.pixels(0, 1).address() == reader.block(number).pixels(0, 1).address() ? 0 : 1;
    }
    return copies;
  }

  private static long number(long step) {
    return step * 7 % BLOCKS;
  }

  private static StagedBlocks stage(BatchReader reader, Path dir, long first, long end) {
    return new StagedBlocks(reader, dir, step -> Set.of(number(step)), first, end);
  }

  @Test
  void shouldGiveCopiesInTheOrderOfNeedAndCopyOnlyOnce() throws Exception {
    Path local = folder.resolve("local");
    try (BatchReader reader = BatchReader.open(dataset)) {
      try (StagedBlocks staged = stage(reader, local, 0, 50)) {
        assertEquals(50, readAll(reader, staged, 0, 50));
        assertEquals(BLOCKS * reader.block(0).byteSize(), staged.copiedBytes());
        assertEquals(0, staged.directBlocks());
      }
      try (StagedBlocks again = stage(reader, local, 10, 30)) {
        assertEquals(20, readAll(reader, again, 10, 30));
        assertEquals(0, again.copiedBytes(), "the copies of the run before are there");
      }
    }
  }

  @Test
  void shouldShareCopiesWithOtherProcessesOfTheNode() throws Exception {
    Path local = folder.resolve("local");
    try (BatchReader reader = BatchReader.open(dataset);
        StagedBlocks one = stage(reader, local, 0, 40);
        StagedBlocks two = stage(reader, local, 0, 40)) {
      readAll(reader, one, 0, 40); // some where they are: what the other one is copying at that moment is not waited for
      readAll(reader, two, 0, 40);
      assertEquals(BLOCKS * reader.block(0).byteSize(), one.copiedBytes() + two.copiedBytes());
    }
  }

  @Test
  void shouldSayThatBlockIsDamagedWhereItComesFrom() throws Exception {
    Path file = new Part(0, 0).file(dataset.resolve("train"));
    try (BatchReader reader = BatchReader.open(dataset)) {
      long last = Files.size(file) - 30_000;
      try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
        raw.seek(last);
        raw.write(77);
        raw.write(78);
      }
      try (StagedBlocks staged = stage(reader, folder.resolve("local"), 0, BLOCKS)) {
        UserException e = assertThrows(UserException.class, () -> readAll(reader, staged, 0, BLOCKS));
        assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
      }
    }
  }

  @Test
  void shouldGetAlongWithLittleRoom() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    String why = run("mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", disk.toString());
    if (!why.isEmpty()) {
      System.err.println("StagedBlocksTest.shouldGetAlongWithLittleRoom is skipped: no mount here (it takes root): " + why.strip());
      abort("cannot mount: " + why);
    }
    try (BatchReader reader = BatchReader.open(dataset)) {
      assertTrue(reader.block(0).byteSize() > 200_000, "at most five blocks find a place");
      try (StagedBlocks staged = stage(reader, disk.resolve("local"), 0, 60)) {
        int copies = readAll(reader, staged, 0, 60);
        assertEquals(60, copies + staged.directBlocks());
        assertNotEquals(0, copies);
      }
    } finally {
      assertEquals("", run("umount", disk.toString()));
    }
  }

  /** What it says if it fails. */
  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : out.isEmpty() ? "failed" : out;
  }
}
