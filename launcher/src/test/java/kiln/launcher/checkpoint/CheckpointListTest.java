package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CheckpointListTest {
  @TempDir private Path temporary;

  private static Outcome list(Path run, String... more) {
    String[] arguments = {"checkpoint", "ls", run.toString()};
    return more.length == 0 ? KilnProcess.runHere(arguments) : KilnProcess.runHere("checkpoint", "ls", run.toString(), more[0]);
  }

  private static List<String> column(Outcome json, String field) {
    JsonNode list = JsonMapper.shared().readTree(json.out());
    return StreamSupport.stream(list.spliterator(), false).map(entry -> entry.path(field).asString("")).toList();
  }

  @Test
  void shouldTellWhatWasSavedAndByHowManyRanks() {
    String one = list(SavedRuns.one()).assertOk().out();
    assertTrue(one.lines().findFirst().orElse("").startsWith("checkpoint      state"), one);
    assertTrue(one.lines().anyMatch(line -> line.matches("step-000004  \\*  valid +[\\d,]+ +\\d+ +1 +\\d{4}-.*")), one);
    assertTrue(one.lines().anyMatch(line -> line.matches("step-000001 +valid .*")), one);
    assertEquals(5, one.lines().count(), one);
    String divided = list(SavedRuns.divided()).assertOk().out();
    assertTrue(divided.lines().anyMatch(line -> line.matches("step-000004 .* 2  parameters .*")), divided);
  }

  @Test
  void shouldTellTheStateOfEveryFolder() throws IOException {
    Path run = TinyRuns.copy(SavedRuns.two(), temporary.resolve("run"));
    Files.delete(RunFiles.checkpoint(run, 1).resolve("manifest.json"));
    SavedRuns.truncate(RunFiles.checkpoint(run, 2).resolve(SavedRuns.UNET + "-00001-of-00002.safetensors"));
    Files.move(RunFiles.checkpoint(run, 3), run.resolve("checkpoints/step-000003.damaged"));
    Files.createDirectories(run.resolve("checkpoints/.step-000005.tmp")); // of a merge
    Path older = Files.createDirectories(RunFiles.checkpoint(run, 9));
    Files.writeString(older.resolve("training.json"), "{\"format_version\": 1}");

    Outcome json = list(run, "--json").assertOk();
    assertEquals(List.of("1", "2", "3", "4", "5", "9"), column(json, "step"));
    assertEquals(List.of("incomplete", "damaged", "put_aside", "valid", "incomplete", "older"), column(json, "state"));
    assertEquals(List.of("false", "false", "false", "true", "false", "false"), column(json, "latest"));
    assertEquals(List.of("2", "2", "2", "2", "", ""), column(json, "ranks"));
    JsonNode damaged = JsonMapper.shared().readTree(json.out()).path(1);
    assertTrue(damaged.path("problem").asString().contains("-00001-of-00002.safetensors: found "), damaged.toString());
    assertEquals(RunFiles.files(RunFiles.checkpoint(run, 2)).size(), damaged.path("files").asInt());

    String text = list(run).assertOk().out();
    assertTrue(text.contains("step-000001 is incomplete: no manifest.json"), text);
    assertTrue(text.contains("step-000002 is damaged: "), text);
    assertTrue(text.contains("step-000003.damaged is put aside"), text);
    assertTrue(text.contains("step-000009 is older format: format_version 1"), text);
  }

  @Test
  void shouldSayWhereTrainingGoesOnIfLatestLags() throws IOException {
    Path run = TinyRuns.copy(SavedRuns.one(), temporary.resolve("run"));
    Files.writeString(run.resolve("checkpoints/latest"), "step-000002\n");
    String text = list(run).assertOk().out();
    assertTrue(text.contains("latest names step-000002; the newest that is valid is step-000004"), text);
    Files.writeString(run.resolve("checkpoints/latest"), "../../elsewhere\n");
    assertTrue(list(run).assertOk().out().contains("latest names none; the newest"), text);
  }

  @Test
  void shouldTakeAManifestThatLeavesItsFolderForDamage() throws IOException {
    Path run = TinyRuns.copy(SavedRuns.one(), temporary.resolve("run"));
    Path manifest = RunFiles.checkpoint(run, 4).resolve("manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("\"training.json\"", "\"../x\""));
    Outcome json = list(run, "--json").assertOk();
    assertEquals(List.of("valid", "valid", "valid", "damaged"), column(json, "state"));
    assertTrue(column(json, "problem").getLast().contains("expected paths inside of the checkpoint, found ../x"), json.out());
  }

  @Test
  void shouldRefuseWhatIsNoRun() {
    list(temporary).assertRefused(ExitStatus.USER_ERROR, temporary + ": found no folder checkpoints, expected a run");
    KilnProcess.runHere("checkpoint").assertRefused(ExitStatus.USAGE, "expected one of ls, verify, prune, diff, merge");
  }
}
