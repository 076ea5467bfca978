package kiln.data.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged in many ways, a data set is refused with one line or read as it was. A hang, a crash of the JVM (a length that leads out of
 * a mapped file would be one) or memory without end would fail the test.
 */
class MutatedQueueTest {
  private static final int CASES = 330;
  private static final int KINDS = 11;
  private static final int[] WORDS = {
    0, 1, 3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0x40000000, 0x3fffffff, 0xC0000000, 0x40000004, 0x00ffffff
  };

  @TempDir Path folder;
  private Path dataset;
  private List<Integer> expected;

  @BeforeEach
  void make() throws IOException {
    dataset = Samples.dataset(Files.createDirectory(folder.resolve("data")), BucketTable.square(8, 16), 44);
    expected = read();
  }

  private List<Integer> read() {
    List<Integer> all = new ArrayList<>();
    try (BatchReader reader = BatchReader.open(dataset)) {
      reader.verify(_ -> {});
      for (int b = 0; b < reader.numBlocks(); b++) {
        Block block = reader.block(b);
        for (int i = 0; i < block.count(); i++) {
          all.add(Arrays.hashCode(block.pixels(i, 1).toArray(ValueLayout.JAVA_BYTE)));
          all.add((block.caption(i) + block.truth(i)).hashCode());
          all.add(Long.hashCode(block.sampleId(i)) * 31 + Long.hashCode(block.draft(i)));
        }
      }
    }
    return all;
  }

  @Test
  void shouldRefuseWithOneLineOrReadAsItWas() throws IOException {
    Path queue = new Part(0, 0).file(dataset.resolve("train"));
    Path metadata = queue.resolveSibling(Queues.METADATA);
    Path manifest = dataset.resolve(Manifest.FILE);
    int[] refused = new int[KINDS];
    int[] same = new int[KINDS];
    AtomicReference<String> current = new AtomicReference<>();
    assertTimeoutPreemptively(
        Duration.ofSeconds(120),
        () -> {
          for (int i = 0; i < CASES; i++) {
            int kind = i % KINDS;
            Path file = i % 22 == 21 ? metadata : i % 22 == 10 ? manifest : queue;
            current.set("case " + i + ", kind " + kind + ", " + file.getFileName());
            byte[] before = Files.readAllBytes(file);
            Files.write(file, mutate(before, kind, new SplittableRandom(i)));
            try {
              assertEquals(expected, read(), current.get());
              same[kind]++;
            } catch (UserException e) {
              assertEquals(1, e.getMessage().lines().count(), e.getMessage());
              refused[kind]++;
            } catch (RuntimeException | Error e) {
              throw new AssertionError(current.get() + ": " + e, e);
            }
            Files.write(file, before);
          }
        },
        () -> "hung at " + current.get());
    String counts = "refused=" + Arrays.toString(refused) + " same=" + Arrays.toString(same);
    assertEquals(CASES, Arrays.stream(refused).sum() + Arrays.stream(same).sum(), counts);
    assertTrue(Arrays.stream(refused).sum() > CASES / 3 && Arrays.stream(same).sum() > CASES / 20, counts);
    for (int kind = 0; kind < KINDS; kind++) {
      assertTrue(refused[kind] > 0 || kind == 6, "kind " + kind + " never did harm: " + counts);
    }
  }

  /** Places that matter are hit more often than by chance: headers of documents, and of blocks. */
  private static byte[] mutate(byte[] file, int kind, SplittableRandom random) {
    byte[] bytes = file.clone();
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> headers = headers(buffer);
    int at = random.nextInt(bytes.length);
    int header = headers.isEmpty() ? at & ~3 : headers.get(random.nextInt(headers.size()));
    header = Math.min(header, bytes.length - 4 & ~3);
    switch (kind) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> buffer.putInt(header, WORDS[random.nextInt(WORDS.length)]);
      case 2 -> buffer.putInt(header, random.nextInt());
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 4 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(20_000)), (byte) 0);
      case 5 -> {
        for (int i = at; i < Math.min(bytes.length, at + 4096); i++) {
          bytes[i] = (byte) random.nextInt();
        }
      }
      case 6 -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 5000);
        Arrays.fill(longer, bytes.length, longer.length, (byte) 0x5a);
        return longer;
      }
      case 7 -> {
        int block = (header + 4 + 63) & ~63; // the header of a block
        int field = Math.min(block + 4 * random.nextInt(32), bytes.length - 4);
        buffer.putInt(field, WORDS[random.nextInt(WORDS.length)]);
      }
      case 8 -> {
        int length = Math.min(3000, bytes.length / 2);
        int from = random.nextInt(bytes.length - length);
        System.arraycopy(file, from, bytes, random.nextInt(bytes.length - length), length);
      }
      case 9 -> {
        int cut = 1 + random.nextInt(Math.min(5000, bytes.length - 1));
        System.arraycopy(file, cut, bytes, 0, bytes.length - cut); // what comes first is missing
      }
      default -> Arrays.fill(bytes, (byte) random.nextInt());
    }
    return bytes;
  }

  private static List<Integer> headers(ByteBuffer file) {
    List<Integer> headers = new ArrayList<>();
    int at = 0;
    while (at >= 0 && at + 4 <= file.capacity() && file.getInt(at) != 0 && headers.size() < 100) {
      headers.add(at);
      at = (at + 4 + (file.getInt(at) & Frames.LENGTH) + 3) & ~3;
    }
    return headers;
  }

  /** An unfinished data set that was damaged: what is sound is kept, the rest is made again. */
  @Test
  void shouldFindOnlySoundBlocksInMutatedParts() throws IOException {
    Path split = dataset.resolve("train");
    Path queue = new Part(0, 0).file(split);
    byte[] before = Files.readAllBytes(queue);
    int kept = 0;
    for (int i = 0; i < 110; i++) {
      Files.createDirectories(queue.getParent());
      Files.write(queue, mutate(before, i % KINDS, new SplittableRandom(1000 + i)));
      KeptBlocks found = KeptBlocks.scan(split, new Lanes(0, 1));
      assertTrue(found.numBlocks() <= 6, "case " + i);
      assertEquals(found.numBlocks() * 8 - found.repeated(), found.samples(), "case " + i);
      assertEquals(found.samples(), found.drafts().cardinality(), "case " + i);
      if (found.numBlocks() > 0) { // what was cut and marked is a part as any other
        KeptBlocks again = KeptBlocks.scan(split, new Lanes(0, 1));
        assertEquals(found.drafts(), again.drafts(), "case " + i);
        PartCheck check = PartCheck.all(dataset).getFirst();
        assertEquals(List.of(), check.damaged(), "case " + i);
        assertEquals(found.numBlocks(), check.blocks(), "case " + i);
        kept += (int) found.numBlocks();
      }
    }
    assertTrue(kept > 110 && kept < 600, "kept=" + kept);
  }
}
