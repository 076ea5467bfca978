package kiln.launcher.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.Onednn;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What can be asked of a drawing, beyond a prompt and a seed. */
class GenerateOptionsTest {
  @TempDir Path temporary;

  private Outcome generate(String name, String... more) {
    return DrawingFixtures.generate(TinyRuns.finished(), temporary.resolve(name), more);
  }

  private byte[] draw(String... more) throws IOException {
    generate("out.png", more).assertOk();
    return new Drawing("", DrawingFixtures.read(temporary.resolve("out.png"))).rgb();
  }

  @Test
  void shouldDrawWithEverySamplerAndItsSettings() throws IOException {
    byte[] ddim = draw("--prompt", "A");
    for (String sampler : List.of("ddpm", "pndm", "euler", "euler_a", "dpmpp")) {
      assertFalse(Arrays.equals(ddim, draw("--prompt", "A", "--sampler", sampler)), sampler);
    }
    assertFalse(Arrays.equals(ddim, draw("--prompt", "A", "--eta", "1")));
    byte[] euler = draw("--prompt", "A", "--sampler", "euler");
    assertFalse(Arrays.equals(euler, draw("--prompt", "A", "--sampler", "euler", "--karras")));
    assertFalse(Arrays.equals(ddim, draw("--prompt", "A", "--guidance-rescale", "0.7")));
    assertFalse(Arrays.equals(ddim, draw("--prompt", "A", "--negative-prompt", "B")));
    assertArrayEquals(ddim, draw("--prompt", "A", "--negative-prompt", ""));
    assertArrayEquals(ddim, draw("--prompt", "A", "--low-memory"));
    assertArrayEquals(ddim, draw("--prompt", "A", "--precision", "fp32"));
  }

  @Test
  void shouldDrawInBfloat16() throws IOException {
    assumeTrue(Onednn.multipliesBf16(), "the processor does not multiply bfloat16 numbers");
    byte[] wide = draw("--prompt", "A");
    byte[] narrow = draw("--prompt", "A", "--precision", "bf16");
    assertFalse(Arrays.equals(wide, narrow));
    for (int i = 0; i < wide.length; i++) {
      assertEquals(wide[i] & 0xFF, narrow[i] & 0xFF, 40, "byte " + i);
    }
  }

  @Test
  void shouldReadPromptsFromAFileAndRepeatThem() throws IOException {
    Path file = Files.writeString(temporary.resolve("prompts.txt"), "B\nß 漢 \"é\"\n");
    Outcome outcome = generate("p.png", "--prompt", "A", "--prompts", file.toString(), "--count", "2", "--batch", "4").assertOk();
    assertTrue(Files.exists(temporary.resolve("p-6.png")) && !Files.exists(temporary.resolve("p-7.png")), outcome::toString);
    assertTrue(outcome.out().lines().anyMatch(line -> line.startsWith("step 8/8")), outcome::toString); // two batches
    byte[] first = new Drawing("", DrawingFixtures.read(temporary.resolve("p-1.png"))).rgb();
    byte[] second = new Drawing("", DrawingFixtures.read(temporary.resolve("p-2.png"))).rgb();
    assertFalse(Arrays.equals(first, second), "each has noise of its own");
  }

  @Test
  void shouldTellMemoryAndProgress() {
    Outcome outcome = generate("a.png", "--prompt", "A").assertOk();
    List<String> lines = outcome.out().lines().toList();
    assertTrue(
        lines.getFirst().matches("memory: weights .* MB; plans: text encoder .*, UNet .*, VAE decoder .* at a time"),
        outcome::toString);
    assertEquals("step 1/4", lines.get(1));
    assertTrue(lines.get(2).matches("step 4/4  \\S+ s/step  ETA 0:00"), outcome::toString);
    assertTrue(lines.getLast().startsWith("peak memory: "), outcome::toString);
  }

  @Test
  void shouldSayInThePictureWhatItWasDrawnFrom() throws IOException {
    String prompt = "the \"Straße\"\nin 日本 🗻";
    generate("a.png", "--prompt", prompt, "--negative-prompt", "Übel", "--seed", "-7", "--size", "24x48", "--eta", "0.5")
        .assertOk();
    assertEquals(
        prompt + "\nNegative prompt: Übel\nSteps: 4, Sampler: ddim, Eta: 0.5, CFG scale: 3, Seed: -7, Picture: 1,"
            + " Size: 48x24, Model: finished step-000012",
        parameters(temporary.resolve("a.png")));
  }

  /** The text of the chunk iTXt with keyword parameters, by the bytes of the file. */
  private static String parameters(Path png) throws IOException {
    byte[] bytes = Files.readAllBytes(png);
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = latin.indexOf("iTXtparameters\0\0\0\0\0");
    assertTrue(at > 0, "no chunk");
    int length = ByteBuffer.wrap(bytes).getInt(at - 4);
    int header = "parameters\0\0\0\0\0".length();
    return new String(bytes, at + 4 + header, length - header, StandardCharsets.UTF_8);
  }

  @Test
  void shouldWarnOfWhatIsCutAtACharacter() {
    Path config = TinyRuns.finished().resolve("checkpoints/step-000012/tokenizer/tokenizer_config.json");
    int most = JsonMapper.builder().build().readTree(config).path("model_max_length").intValue();
    String longest = "ä".repeat((most - 2) / 2) + "b".repeat(most % 2 == 0 ? 0 : 1); // a byte and the end token are left
    assertEquals("", generate("a.png", "--prompt", longest + "c").assertOk().err());
    Outcome cut = generate("a.png", "--prompt", longest + "é漢z");
    assertEquals(ExitStatus.OK, cut.status(), cut::toString);
    String line = "prompt 1: longer than the " + most + " tokens that the text encoder takes; cut: \"é漢z\"";
    assertEquals("kiln: warning: " + line + "\n", cut.err());
  }

  @Test
  void shouldRefuseMistakesInOneLine() throws IOException {
    String[][] usage = {
      {"--count", "0", "option --count: expected at least 1, found 0"},
      {"--batch", "0", "option --batch: expected at least 1, found 0"},
      {"--eta", "2", "--eta: expected 0 to 1, found 2"},
      {"--guidance-rescale", "2", "--guidance-rescale: expected 0 to 1, found 2"},
      {"--prompts", temporary.resolve("none.txt").toString(), "option --prompts: "},
    };
    for (String[] mistake : usage) {
      Outcome outcome = generate("a.png", "--prompt", "A", mistake[0], mistake[1]);
      outcome.assertRefused(outcome.status(), mistake[2]);
      assertTrue(outcome.status() == ExitStatus.USAGE || outcome.status() == ExitStatus.USER_ERROR, outcome::toString);
    }
    generate("a.png", "--prompt", "A", "--guidance", "1", "--negative-prompt", "B")
        .assertRefused(ExitStatus.USAGE, "option --negative-prompt", "found 1");
    generate("a.png", "--prompt", "A", "--karras").assertRefused(ExitStatus.USER_ERROR, "--karras", "found ddim");
    Path bytes = Files.write(temporary.resolve("bytes.txt"), new byte[] {(byte) 0xff, 10});
    generate("a.png", "--prompts", bytes.toString()).assertRefused(ExitStatus.USER_ERROR, "bytes.txt: expected UTF-8");
    Path empty = Files.write(temporary.resolve("empty.txt"), new byte[0]);
    generate("a.png", "--prompts", empty.toString()).assertRefused(ExitStatus.USER_ERROR, "empty.txt", "found none");
    assertFalse(Files.exists(temporary.resolve("a.png")));
  }
}
