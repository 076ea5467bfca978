package kiln.data.webdataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import kiln.bindings.UserException;
import kiln.data.input.InputException;
import kiln.data.input.Inputs;
import kiln.data.source.RawSamples;
import kiln.data.source.SkipReport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was read of a shard counts; the rest is one thing left out. */
@Timeout(60)
class DamagedShardTest {
  private static final int RECORD = Tars.RECORD;

  @TempDir Path folder;
  private byte[] tar;

  @BeforeEach
  void makeTar() {
    tar = Tars.posix().sample("a").sample("b").sample("c").finish(); // a header and a record of content for each member
  }

  private Readings read(byte[] content) throws IOException {
    return Readings.of(Files.write(folder.resolve("x.tar"), content).toString());
  }

  private static byte[] concat(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  @Test
  void shouldKeepWhatComesBeforeTheCut() throws IOException {
    int members = 12 * RECORD;
    for (int cut = 0; cut <= members + 2 * RECORD; cut += 128) {
      Readings readings = read(Arrays.copyOf(tar, cut));
      int complete = Math.min(3, (cut + RECORD - "caption of a".length()) / (4 * RECORD));
      assertEquals(List.of("x.tar/a", "x.tar/b", "x.tar/c").subList(0, complete), readings.keys(), "cut=" + cut);
      Map<String, Long> expected = cut < members + RECORD ? Map.of(Defects.TRUNCATED, 1L) : Map.of();
      assertEquals(expected, readings.reasons(), "cut=" + cut + " " + readings.details());
    }
  }

  @Test
  void shouldNotTrustWhatFollowsDamagedHeader() throws IOException {
    byte[] damaged = tar.clone();
    damaged[4 * RECORD + 124 + 8] ^= 1; // in the size of b.png
    Readings readings = read(damaged);
    assertEquals(List.of("x.tar/a"), readings.keys());
    assertEquals(Map.of(Defects.DAMAGED, 1L), readings.reasons());
    assertTrue(readings.details().getFirst().contains("x.tar: after 2560 bytes: "), readings.details()::toString);
  }

  @Test
  void shouldNameWhatIsNoTar() throws IOException {
    assertEquals(Map.of(Defects.TRUNCATED, 1L), read(new byte[0]).reasons());
    byte[] page = "<!DOCTYPE html><title>Sign in</title>".repeat(50).getBytes(StandardCharsets.UTF_8);
    assertEquals(Map.of(Defects.DAMAGED, 1L), read(page).reasons());
    byte[] zstd = concat(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}, new byte[600]);
    Readings readings = read(zstd);
    assertEquals(Map.of(InputException.UNREADABLE, 1L), readings.reasons());
    assertTrue(readings.details().getFirst().contains("zstd"), readings.details()::toString);
    assertEquals(Map.of(Defects.DAMAGED, 1L), read(new byte[] {0x1f, (byte) 0x8b, 99, 1, 1, 1, 1, 1, 1, 1, 1, 1}).reasons());
  }

  @Test
  void shouldSayThatSomethingFollowsTheEnd() throws IOException {
    Readings readings = read(concat(tar, tar));
    assertEquals(3, readings.samples().size());
    assertEquals(Map.of(Defects.GOES_ON, 1L), readings.reasons());
    assertEquals(Map.of(), read(concat(tar, new byte[100 * RECORD])).reasons());
  }

  @Test
  void shouldGoOnWithTheNextShard() throws IOException {
    Files.write(folder.resolve("0.tar"), Arrays.copyOf(tar, 5 * RECORD));
    Files.write(folder.resolve("2.tar"), tar);
    Readings readings = Readings.of(folder + "/{0..2}.tar", "pipe:cat " + folder + "/2.tar; echo oh no >&2; exit 1");
    assertEquals(List.of("0.tar/a", "2.tar/a", "2.tar/b", "2.tar/c"), readings.keys().subList(0, 4));
    assertEquals(7, readings.samples().size());
    assertEquals(
        Map.of(Defects.TRUNCATED, 1L, InputException.NOT_FOUND, 1L, InputException.COMMAND_FAILED, 1L), readings.reasons());
    assertTrue(readings.details().getLast().endsWith("exit status 1: oh no"), readings.details()::toString);
  }

  @Test
  void shouldStopAtFirstDefectIfStrict() throws IOException {
    Files.write(folder.resolve("0.tar"), Arrays.copyOf(tar, 5 * RECORD));
    UserException refused =
        assertThrows(UserException.class, () -> Readings.of(Readings.OPTIONS, true, folder + "/{0..2}.tar"));
    assertTrue(refused.getMessage().startsWith(folder + "/0.tar: "), refused.getMessage());
  }

  @Test
  void shouldNotBelieveHeadersThatAnnounceEightExbibytes() throws IOException {
    byte[] picture = tar.clone();
    Tars.announceMost(picture, 4 * RECORD);
    Readings readings = read(picture);
    assertEquals(List.of("x.tar/a"), readings.keys());
    assertEquals(Map.of(Defects.TOO_LARGE, 1L, Defects.TRUNCATED, 1L), readings.reasons(), readings.details()::toString);

    String name = "n".repeat(300);
    for (Tars kind : List.of(Tars.gnu(), Tars.posix())) {
      byte[] longName = kind.sample(name).finish();
      Tars.announceMost(longName, 0);
      assertEquals(1, read(longName).reasons().values().stream().mapToLong(n -> n).sum());
    }
  }

  @Test
  void shouldNotHoldLongHeadersInMemory() throws IOException {
    byte[] longName = Tars.gnu().sample("n".repeat(300)).finish();
    Tars.announceMost(longName, 0);
    Path shard = folder.resolve("x.tar");
    try (RandomAccessFile file = new RandomAccessFile(shard.toFile(), "rw")) {
      file.write(longName);
      file.setLength(3L << 30); // more than all of the heap; takes no room on the disk
    }
    Readings readings = Readings.of(shard.toString());
    assertEquals(Map.of(Defects.DAMAGED, 1L), readings.reasons());
    assertTrue(readings.details().getFirst().contains("longer than it may be"), readings.details()::toString);
  }

  @Test
  void shouldPassOverSparseMembers() throws Exception {
    Files.writeString(folder.resolve("big.txt"), "c");
    Files.writeString(folder.resolve("small.png"), "p");
    Files.writeString(folder.resolve("small.txt"), "c");
    String[] names = {"big.png", "big.txt", "small.png", "small.txt"};
    for (String format : List.of("gnu", "pax")) {
      long size = format.equals("gnu") ? 1L << 32 : 1L << 30; // Commons Compress reads no larger ones
      try (RandomAccessFile file = new RandomAccessFile(folder.resolve("big.png").toFile(), "rw")) {
        file.setLength(size);
        file.seek(size / 2);
        file.write(1);
      }
      for (String version : format.equals("gnu") ? List.of("1.0") : List.of("0.0", "0.1", "1.0")) {
        List<String> arguments =
            new ArrayList<>(List.of("--format=" + format, "-S", "--sparse-version=" + version, "-cf", "x.tar"));
        arguments.addAll(List.of(names));
        Tars.command(folder, arguments.toArray(String[]::new));
        Readings readings = Readings.of(folder.resolve("x.tar").toString());
        assertEquals(List.of("x.tar/small"), readings.keys(), format + version + readings.details());
        assertEquals(Map.of(Defects.NO_FILE, 1L), readings.reasons());
      }
    }
  }

  @Test
  void shouldEndCommandsWhenClosedEarly() throws Exception {
    Path shard = Files.write(folder.resolve("0.tar"), tar);
    Path pid = folder.resolve("pid");
    String command = "pipe:echo $$ > " + pid + "; cat " + shard + "; sleep 1000";
    try (Inputs inputs = new Inputs(Readings.fast());
        RawSamples samples =
            new WebDatasetSource(List.of(command), Readings.OPTIONS, inputs).open(new SkipReport(false))) {
      assertTrue(samples.next().key().endsWith("/a"));
    }
    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
        .ifPresent(process -> process.onExit().orTimeout(30, TimeUnit.SECONDS).join());
  }
}
