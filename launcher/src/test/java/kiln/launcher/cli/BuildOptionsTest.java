package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all commands that make data sets have in common. */
class BuildOptionsTest {
  @TempDir Path temporary;

  private Outcome build(String... more) {
    List<String> own = List.of("data", "typography", "--out", data().toString(), "--count", "60", "--validation-count", "12");
    List<String> sizes = List.of("--size", "16x16", "--caption-length", "32", "--block-size", "4");
    return KilnProcess.runHere(
        Stream.of(own, sizes, List.of(more)).flatMap(List::stream).toArray(String[]::new));
  }

  private Path data() {
    return temporary.resolve("data");
  }

  @Test
  void shouldWriteSeveralQueuesInTurn() {
    build("--writers", "3", "--in-flight", "10kB").assertOk();
    assertTrue(Files.exists(data().resolve("train/writer-2-part-0/19700101.cq4")));
    String out = KilnProcess.runHere("data", "verify", data().toString()).assertOk().out();
    assertTrue(out.contains("train: 15 blocks, 60 samples, all sound"), out);
  }

  @Test
  void shouldFinishWhenAllProcessesAreDone() {
    Outcome first = build("--writer", "1/2").assertOk();
    assertTrue(first.out().contains("writer 1/2 is done") && first.out().contains("finished when these are too: 0"), first::toString);
    build("--writer", "0/3").assertRefused(ExitStatus.USER_ERROR, "writers was 2 and is now 3");
    Outcome second = build("--writer", "0/2").assertOk();
    assertTrue(second.out().contains("train: 60 samples"), second::toString);
    String out = KilnProcess.runHere("data", "verify", data().toString()).assertOk().out();
    assertTrue(out.contains("train: 16 blocks, 64 samples, all sound"), "30 samples each, in blocks of 4: " + out);
    assertEquals(0, temporary.resolve("data").toFile().list((_, name) -> name.startsWith("writer-")).length);
  }

  @Test
  void shouldRefuseOptionsThatMakeNoSense() {
    build("--writer", "2/2").assertRefused(ExitStatus.USER_ERROR, "option --writer", "found 2/2");
    build("--writer", "one").assertRefused(ExitStatus.USAGE, "option --writer", "I/N", "found one");
    build("--writer", "0/2", "--writers", "2").assertRefused(ExitStatus.USAGE, "option --writer", "no --writers");
    build("--writers", "0").assertRefused(ExitStatus.USER_ERROR, "option --writers", "found 0");
    build("--in-flight", "much").assertRefused(ExitStatus.USAGE, "option --in-flight", "found much");
    build("--ahead", "0").assertRefused(ExitStatus.USAGE, "option --ahead");
    assertTrue(Files.notExists(data()));
  }
}
