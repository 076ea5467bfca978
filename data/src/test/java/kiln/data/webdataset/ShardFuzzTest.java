package kiln.data.webdataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import kiln.data.source.RawSample;
import kiln.data.source.UnusableException;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hundreds of damaged shards: each is read, or ends in a reason; no crash, no hang, and no more memory than it should take. */
class ShardFuzzTest {
  private static final int FILES = 320;
  private static final long MOST_ALLOCATED = 64L << 20;
  private static final Set<String> REASONS =
      Set.of(
          Defects.TRUNCATED,
          Defects.DAMAGED,
          Defects.GOES_ON,
          Defects.NO_PICTURE,
          Defects.TWO_PICTURES,
          Defects.TWO_CAPTIONS,
          Defects.TOO_LARGE,
          Defects.NO_FILE,
          Defects.REPEATED,
          Defects.BAD_JSON);

  @TempDir Path folder;

  private record Outcome(List<RawSample> samples, List<UnusableException> leftOut) implements ShardSink {
    @Override
    public void sample(RawSample sample) {
      samples.add(sample);
    }

    @Override
    public void leftOut(UnusableException unusable) {
      leftOut.add(unusable);
    }
  }

  /** Whole shards of all kinds, with four samples each. */
  private List<byte[]> shards() throws Exception {
    String longName = "long/".repeat(50);
    byte[] posix = fill(Tars.posix(), longName).finish();
    byte[] gnu = fill(Tars.gnu(), longName).finish();
    Path sparse = folder.resolve("hole.png");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(1 << 30);
      for (int i = 0; i < 9; i++) {
        file.seek((long) i << 26);
        file.write(1);
      }
    }
    for (String name : List.of("a.png", "a.txt", "b.jpg", "b.txt", "c.tif", "c.txt", "d.png", "d.txt")) {
      Files.writeString(folder.resolve(name), name.repeat(100));
    }
    String[] names = {"a.png", "a.txt", "b.jpg", "b.txt", "hole.png", "c.tif", "c.txt", "d.png", "d.txt"};
    List<byte[]> shards = new ArrayList<>(List.of(posix, gnu, compressed(posix, false), compressed(gnu, true)));
    for (String format : List.of("gnu", "pax")) {
      List<String> arguments = new ArrayList<>(List.of("--format=" + format, "-S", "-cf", "x.tar"));
      arguments.addAll(List.of(names));
      Tars.command(folder, arguments.toArray(String[]::new));
      shards.add(Files.readAllBytes(folder.resolve("x.tar")));
    }
    return shards;
  }

  private static Tars fill(Tars tar, String longName) {
    byte[] noise = new byte[3000];
    new Random(5).nextBytes(noise);
    return tar.sample("a")
        .add("b.jpg", noise)
        .add("b.json", "{\"caption\": \"b\", \"boxes\": [[1, 2, 3, 4]], \"name\": null}")
        .sample(longName + "c")
        .sample("ü");
  }

  private static byte[] compressed(byte[] tar, boolean xz) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = xz ? new XZCompressorOutputStream(packed) : new GZIPOutputStream(packed)) {
      out.write(tar);
    }
    return packed.toByteArray();
  }

  /** One to four changes; those of headers keep the checksum right, so that what they say is believed. */
  private static byte[] mutate(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int change = random.nextInt(4); change >= 0 && bytes.length > 2 * Tars.RECORD; change--) {
      int record = random.nextInt(bytes.length / Tars.RECORD) * Tars.RECORD;
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(10)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes = Arrays.copyOf(bytes, at);
        case 2 -> Arrays.fill(bytes, record, record + Tars.RECORD, (byte) 0);
        case 3 -> {
          int from = random.nextInt(bytes.length / Tars.RECORD) * Tars.RECORD;
          System.arraycopy(bytes.clone(), from, bytes, record, Tars.RECORD);
        }
        case 4 -> {
          for (int i = 0; i < 20; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
          }
        }
        case 5 -> Tars.announceMost(bytes, record);
        case 6 -> { // another type of member
          bytes[record + 156] = (byte) "0123456789DKLMNSVXgxAa\0".charAt(random.nextInt(23));
          Tars.fixChecksum(bytes, record);
        }
        case 7 -> { // anything in a header
          bytes[record + random.nextInt(Tars.RECORD)] = (byte) random.nextInt();
          bytes[record + 124 + random.nextInt(12)] = (byte) ('0' + random.nextInt(9));
          Tars.fixChecksum(bytes, record);
        }
        case 8 -> { // part of the file again
          int length = Math.min(random.nextInt(4) * Tars.RECORD, bytes.length - record);
          byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
          System.arraycopy(bytes, record, longer, bytes.length, length);
          bytes = longer;
        }
        default -> { // other digits in extended headers, sizes of sparse members
          for (int i = at; i < Math.min(at + 200, bytes.length); i++) {
            bytes[i] = bytes[i] >= '0' && bytes[i] <= '9' ? (byte) ('0' + random.nextInt(10)) : bytes[i];
          }
          Tars.fixChecksum(bytes, at / Tars.RECORD * Tars.RECORD > bytes.length - Tars.RECORD ? 0 : at / Tars.RECORD * Tars.RECORD);
        }
      }
    }
    return bytes;
  }

  private static Outcome read(byte[] shard) throws InterruptedException {
    Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
    new ShardReader("x.tar", "x/", Readings.OPTIONS, outcome).read(new ByteArrayInputStream(shard));
    return outcome;
  }

  @Test
  void shouldReadOrGiveReasons() throws Exception {
    List<byte[]> shards = shards();
    for (byte[] whole : shards) {
      Outcome outcome = read(whole);
      assertEquals(4, outcome.samples.size());
      assertTrue(outcome.leftOut.size() <= 1, outcome.leftOut::toString); // the sparse one
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Map<String, Integer> counts = new TreeMap<>();
    for (int seed = 0; seed < FILES; seed++) {
      byte[] shard = mutate(shards.get(seed % shards.size()), new Random(seed));
      String name = "seed=" + seed;
      Outcome outcome =
          assertTimeoutPreemptively(
              Duration.ofSeconds(60),
              () -> {
                long before = threads.getCurrentThreadAllocatedBytes();
                Outcome read = read(shard);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < MOST_ALLOCATED, () -> name + " allocated=" + allocated);
                return read;
              },
              name);
      for (RawSample sample : outcome.samples) {
        assertTrue(sample.key().startsWith("x/"), name);
        assertNotNull(sample.picture().read(), name);
      }
      for (UnusableException unusable : outcome.leftOut) {
        assertTrue(REASONS.contains(unusable.reason()), () -> name + ": " + unusable.reason());
        assertTrue(unusable.getMessage().startsWith("x.tar"), () -> name + ": " + unusable.getMessage());
        assertEquals(1, unusable.getMessage().lines().count(), name);
        counts.merge(unusable.reason(), 1, Integer::sum);
      }
      counts.merge(outcome.leftOut.isEmpty() ? "whole" : "defective", 1, Integer::sum);
    }
    // The changes reach everything that can go wrong with a shard, and not each is fatal.
    assertTrue(counts.keySet().containsAll(List.of(Defects.TRUNCATED, Defects.DAMAGED, Defects.GOES_ON, "whole")), counts::toString);
  }
}
