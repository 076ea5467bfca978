package kiln.launcher.encode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.data.encoded.EncodedBlock;
import kiln.data.encoded.EncodedReader;
import kiln.data.queue.Split;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kiln data encode} as its user sees it. */
class EncodeCommandTest {
  private static final Duration PROMPTLY = Duration.ofSeconds(10);
  private static final Pattern THERE = Pattern.compile("(\\d+) of (\\d+) blocks are there already and sound");

  @TempDir private static Path shared;
  private static Path data;
  private static Path whole;
  private static Outcome outcomeOfWhole;

  @TempDir Path temporary;

  /** Enough blocks that a command can be killed among them. */
  @BeforeAll
  static void encode() {
    data = shared.resolve("data");
    KilnProcess.runHere(
            "data", "typography", "--out", data.toString(), "--count", "1600", "--validation-count", "16",
            "--block-size", "8", "--caption-length", "32")
        .assertOk();
    whole = shared.resolve("whole");
    outcomeOfWhole = KilnProcess.run(command(whole)).assertOk();
  }

  private static String[] command(Path out, String... more) {
    List<String> command = new ArrayList<>(List.of("data", "encode", "--data", data.toString()));
    command.addAll(List.of("--vae", TinyRuns.finished().toString(), "--text-encoder", TinyRuns.finished().toString()));
    command.addAll(List.of("--out", out.toString()));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  private static void assertSameBlocks(Path expected, Path actual) {
    for (Split split : Split.values()) {
      try (EncodedReader a = EncodedReader.open(expected, split);
          EncodedReader b = EncodedReader.open(actual, split)) {
        b.verify(blocks -> {});
        assertEquals(a.numBlocks(), b.numBlocks());
        for (int i = 0; i < a.numBlocks(); i++) {
          assertSame(a.block(i), b.block(i));
        }
      }
    }
  }

  private static void assertSame(EncodedBlock a, EncodedBlock b) {
    int n = a.count();
    assertEquals(-1, a.sampleIds(0, n).mismatch(b.sampleIds(0, n)));
    assertEquals(-1, a.ids(0, n).mismatch(b.ids(0, n)));
    assertEquals(-1, a.mask(0, n).mismatch(b.mask(0, n)));
    assertEquals(-1, a.textOffsets(0, n).mismatch(b.textOffsets(0, n)));
    assertEquals(a.caption(n - 1), b.caption(n - 1));
    assertEquals(a.truth(0), b.truth(0));
    assertEqualBits(a.mean(0, n), b.mean(0, n));
    assertEqualBits(a.logvar(0, n), b.logvar(0, n));
    assertEqualBits(a.textStates(), b.textStates());
    assertEqualBits(a.emptyTextState(), b.emptyTextState());
  }

  private static void assertEqualBits(MemorySegment a, MemorySegment b) {
    assertEquals(a.byteSize(), b.byteSize());
    assertEquals(-1, a.mismatch(b));
  }

  @Test
  void shouldGiveTheSameBlocksOnTwoRanks() throws IOException {
    Path out = temporary.resolve("out");
    Outcome outcome = KilnProcess.run(command(out, "--ranks", "2")).assertOk();
    assertTrue(Files.isDirectory(out.resolve("train/part-001-001")), outcome::toString);
    assertSameBlocks(whole, out);
    KilnProcess.runHere("data", "verify", out.toString()).assertOk();
  }

  @Test
  void shouldPredictItsSize() {
    Outcome outcome = outcomeOfWhole;
    Matcher sizes = Pattern.compile("ready, ([\\d.]+) MB on disk \\(predicted ([\\d.]+) MB\\)").matcher(outcome.out());
    assertTrue(sizes.find(), outcome::toString);
    double size = Double.parseDouble(sizes.group(1));
    assertEquals(size, Double.parseDouble(sizes.group(2)), 0.01 * size);
    assertTrue(outcome.out().indexOf("predicted size: " + sizes.group(2)) < outcome.out().indexOf("block 1/"));
  }

  @Test
  void shouldKeepWhatIsSoundAfterItWasKilled() throws IOException {
    Path out = temporary.resolve("out");
    try (KilnProcess kiln = KilnProcess.start(command(out, "--ranks", "2"))) {
      kiln.awaitOutput("block 1/");
      KilnProcess.signal(kiln.rank(1), "KILL");
      KilnProcess.signal(kiln.rank(0), "KILL");
      kiln.signal("KILL");
      kiln.await();
      assertTrue(KilnProcess.allEnd(kiln.children(), PROMPTLY));
    }
    assertFalse(Files.exists(out), "only what is complete has its name");
    Outcome outcome = KilnProcess.run(command(out, "--ranks", "3")).assertOk();
    Matcher there = THERE.matcher(outcome.out());
    assertTrue(there.find(), outcome::toString);
    int kept = Integer.parseInt(there.group(1));
    assertTrue(kept > 0 && kept < Integer.parseInt(there.group(2)), outcome::toString);
    assertSameBlocks(whole, out);
    assertFalse(Files.exists(PartialFolder.of(out)));
  }

  @Test
  void shouldStopInGoodOrderAndGoOn() {
    Path out = temporary.resolve("out");
    try (KilnProcess kiln = KilnProcess.start(command(out))) {
      kiln.awaitOutput("block 1/");
      kiln.signal("TERM");
      Outcome outcome = kiln.await().assertStopped();
      assertTrue(outcome.out().contains("go on with: ./kiln data encode"), outcome::toString);
    }
    KilnProcess.run(command(out)).assertOk();
    assertSameBlocks(whole, out);
  }

  /** The limit of a process's files (prlimit, of util-linux) stands for a disk that takes no more. */
  @Test
  void shouldKeepWhatIsSoundWhenTheDiskIsFull() throws IOException, InterruptedException {
    Path out = temporary.resolve("out");
    try (KilnProcess kiln = KilnProcess.start(command(out))) {
      kiln.awaitOutput("block 1/");
      String[] limit = {"prlimit", "--pid", Long.toString(kiln.rank(0).pid()), "--fsize=" + (600 << 10)};
      assertEquals(0, new ProcessBuilder(limit).inheritIO().start().waitFor());
      kiln.await().assertRefused(ExitStatus.USER_ERROR, "part-001-000", "cannot be written", "the same command goes on");
    }
    Outcome outcome = KilnProcess.run(command(out)).assertOk();
    assertTrue(THERE.matcher(outcome.out()).find(), outcome::toString);
    assertSameBlocks(whole, out);
  }

  @Test
  void shouldNotGoOnWithOtherModels() throws IOException {
    KilnProcess.runHere(command(whole)).assertRefused(ExitStatus.USER_ERROR, "option --out: " + whole, "already holds files");
    Path other = temporary.resolve("other");
    Path begun = Files.createDirectories(PartialFolder.of(other));
    String origin = Files.readString(whole.resolve("encoded.json"));
    Matcher vae = Pattern.compile("\"vae\" : \"(\\w+)\"").matcher(origin);
    Matcher text = Pattern.compile("\"textEncoder\" : \"(\\w+)\"").matcher(origin);
    Matcher of = Pattern.compile("\"data\" : \"(\\w+)\"").matcher(origin);
    assertTrue(vae.find() && text.find() && of.find(), origin);
    Files.writeString(
        begun.resolve("origin.json"),
        "{\"source\":\"x\",\"data\":\"%s\",\"vae\":\"%s\",\"text_encoder\":\"%s\",\"precision\":\"float32\"}"
            .formatted(of.group(1), "0".repeat(64), text.group(1)));
    KilnProcess.runHere(command(other))
        .assertRefused(ExitStatus.USER_ERROR, begun.toString(), "begun with another autoencoder");
  }

  @Test
  void shouldRefuseWhatCannotBeEncoded() throws IOException {
    String[] again = {
      "data", "encode", "--data", whole.toString(), "--vae", TinyRuns.vae().toString(), "--out",
      temporary.resolve("out").toString()
    };
    KilnProcess.runHere(again).assertRefused(ExitStatus.USER_ERROR, "option --data: " + whole, "encoded already");
    String[] wrong = command(temporary.resolve("out"));
    wrong[5] = TinyRuns.data().toString();
    KilnProcess.runHere(wrong).assertRefused(ExitStatus.USER_ERROR, "option --vae: " + wrong[5]);
    KilnProcess.runHere(command(temporary.resolve("out"), "--ranks", "0"))
        .assertRefused(ExitStatus.USAGE, "option --ranks: expected 1 to 999, found 0");
    try (var entries = Files.list(temporary)) {
      assertEquals(0, entries.count(), "nothing was begun");
    }
  }

  @Test
  void shouldNameTheDamagedBlock() throws IOException {
    Path copy = TinyRuns.copy(whole, temporary.resolve("copy"));
    Path file = copy.resolve("train/part-001-000/19700101.cq4");
    try (EncodedReader reader = EncodedReader.open(copy, Split.TRAIN);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long offset = find(file, reader.block(3).textStates().toArray(ValueLayout.JAVA_BYTE));
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), offset);
    }
    KilnProcess.runHere("data", "verify", copy.toString())
        .assertRefused(ExitStatus.USER_ERROR, "part-001-000", "block 3 is damaged");
  }

  private static long find(Path file, byte[] wanted) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at <= bytes.length - wanted.length; at += 64) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new AssertionError("not in " + file);
  }
}
