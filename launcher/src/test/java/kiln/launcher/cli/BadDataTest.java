package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadDataTest {
  @TempDir Path temporary;

  private Path out() {
    return temporary.resolve("run");
  }

  private Path damaged() {
    return TinyRuns.copy(TinyRuns.data(), temporary.resolve("damaged"));
  }

  /** Both what checks data and what trains on it refuse it with the same line, and nothing comes of it. */
  private void assertRefused(Path data, String... parts) {
    KilnProcess.runHere("data", "verify", data.toString()).assertRefused(ExitStatus.USER_ERROR, parts);
    KilnProcess.run(TinyRuns.trainOn(data, out(), "--ranks", "2")).assertRefused(ExitStatus.USER_ERROR, parts);
    assertFalse(Files.exists(out().resolve("metrics.jsonl")));
    assertEquals(List.of(), list(out().resolve("checkpoints")));
  }

  private static List<Path> list(Path folder) {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldRefuseMissingFolder() {
    assertRefused(temporary.resolve("nowhere"), "nowhere", "no such data folder");
  }

  @Test
  void shouldRefuseEmptyFolder() throws IOException {
    assertRefused(Files.createDirectory(temporary.resolve("void")), "void", "is empty");
  }

  @Test
  void shouldRefuseOtherVersion() throws IOException {
    Path data = damaged();
    Path manifest = data.resolve("dataset.json");
    Files.writeString(manifest, Files.readString(manifest).replaceFirst("\"version\" : 2", "\"version\" : 7"));
    assertRefused(data, "dataset.json", "version 7", "reads version 2");
  }

  @Test
  void shouldRefuseDataCutInLastRecord() throws IOException {
    Path data = damaged();
    Path queue = data.resolve("train/writer-0-part-0/19700101.cq4");
    long size = Files.size(queue);
    try (FileChannel channel = FileChannel.open(queue, StandardOpenOption.WRITE)) {
      channel.truncate(size - 9000);
    }
    assertRefused(data, queue.toString(), "truncated: " + (size - 9000) + " bytes, expected " + size);
  }

  @Test
  void shouldRefuseBatchesThatDoNotFitTheBlocks() {
    KilnProcess.run(TinyRuns.train(out(), "--set", "batch=12"))
        .assertRefused(ExitStatus.USER_ERROR, "batch of 12", "expected a divisor or a multiple of 8", "block size");
    KilnProcess.run(TinyRuns.train(out(), "--set", "batch=24", "--set", "micro_batch=3"))
        .assertRefused(ExitStatus.USER_ERROR, "micro_batch: expected a divisor of 8", "block size", "found 3");
    KilnProcess.run(TinyRuns.train(out(), "--set", "batch=128"))
        .assertRefused(ExitStatus.USER_ERROR, "batch", "128", "64");
  }

  @Test
  void shouldSayHowMuchOfUnfinishedDataIsSound() throws IOException {
    Path data = damaged();
    Files.delete(data.resolve("dataset.json"));
    String out = KilnProcess.runHere("data", "verify", data.toString()).assertOk().out();
    assertTrue(out.contains("train/writer-0-part-0: 8 blocks, 64 samples, sound"), out);
    assertTrue(out.contains("not finished"), out);
    Path queue = data.resolve("train/writer-0-part-0/19700101.cq4");
    try (FileChannel channel = FileChannel.open(queue, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {77, 78}), channel.size() - 20_000);
    }
    KilnProcess.runHere("data", "verify", data.toString()).assertRefused(ExitStatus.USER_ERROR, "1 blocks are damaged");
    String resumed =
        KilnProcess.runHere(
                "data", "typography", "--out", data.toString(), "--count", "64", "--validation-count", "16", "--block-size", "8",
                "--caption-length", "32")
            .assertOk()
            .out();
    assertTrue(resumed.contains("goes on: 72 samples in 9 blocks are there already"), resumed);
    KilnProcess.runHere("data", "verify", data.toString()).assertOk();
  }

  @Test
  void shouldVerifySoundData() {
    String out = KilnProcess.runHere("data", "verify", TinyRuns.data().toString()).assertOk().out();
    assertTrue(out.contains("train: 8 blocks, 64 samples, all sound"), out);
    assertTrue(out.contains("validation: 2 blocks, 16 samples, all sound"), out);
  }
}
