package kiln.launcher.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateTest {
  @TempDir Path temporary;

  /** Draws with the finished run, in two steps. */
  private Outcome generate(Path out, String... more) {
    String[] fixed = {
      "generate", "--checkpoint", TinyRuns.finished().toString(), "--steps", "2", "--out", out.toString()
    };
    return KilnProcess.runHere(Stream.concat(Arrays.stream(fixed), Arrays.stream(more)).toArray(String[]::new));
  }

  private byte[] drawn(String name, String... more) throws IOException {
    Path out = temporary.resolve(name);
    generate(out, more).assertOk();
    return Files.readAllBytes(out);
  }

  @Test
  void shouldDrawOnePictureOfTheSizeOfTraining() throws IOException {
    Path out = temporary.resolve("new/folder/a.png");
    Outcome outcome = generate(out, "--prompt", "the letter \"A\"").assertOk();
    assertEquals(out.toString(), outcome.out().lines().filter(line -> line.endsWith(".png")).findFirst().orElseThrow());
    BufferedImage picture = ImageIO.read(out.toFile());
    assertEquals(List.of(32, 32), List.of(picture.getHeight(), picture.getWidth()));
  }

  @Test
  void shouldDrawSeveralAndAGrid() throws IOException {
    Path out = temporary.resolve("several.png");
    generate(out, "--prompt", "A", "--prompt", "ß 漢", "--prompt", "").assertOk();
    for (int i = 1; i <= 3; i++) {
      assertEquals(32, ImageIO.read(temporary.resolve("several-" + i + ".png").toFile()).getHeight());
    }
    assertTrue(ImageIO.read(out.toFile()).getWidth() > 3 * 96);
  }

  @Test
  void shouldDependOnSeedPromptSamplerAndGuidanceOnly() throws IOException {
    byte[] first = drawn("first.png", "--prompt", "A", "--seed", "7");
    assertArrayEquals(first, drawn("again.png", "--prompt", "A", "--seed", "7"));
    assertFalse(Arrays.equals(first, drawn("seed.png", "--prompt", "A", "--seed", "8")));
    assertFalse(Arrays.equals(first, drawn("prompt.png", "--prompt", "B", "--seed", "7")));
    assertFalse(Arrays.equals(first, drawn("sampler.png", "--prompt", "A", "--seed", "7", "--sampler", "dpmpp")));
    assertFalse(Arrays.equals(first, drawn("guidance.png", "--prompt", "A", "--seed", "7", "--guidance", "9")));
    assertFalse(Arrays.equals(first, drawn("raw.png", "--prompt", "A", "--seed", "7", "--raw")));
  }

  @Test
  void shouldDrawTheSamePictureAloneAndAmongOthers() throws IOException {
    byte[] alone = drawn("alone.png", "--prompt", "A");
    generate(temporary.resolve("two.png"), "--prompt", "A", "--prompt", "B").assertOk();
    BufferedImage among = ImageIO.read(temporary.resolve("two-1.png").toFile());
    Files.write(temporary.resolve("copy.png"), alone);
    byte[] expected = new Drawing("A", ImageIO.read(temporary.resolve("copy.png").toFile())).rgb();
    byte[] actual = new Drawing("A", among).rgb();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i] & 255, actual[i] & 255, 1, "byte " + i); // other batch sizes, other summation orders
    }
  }

  @Test
  void shouldDrawOtherSizes() throws IOException {
    Path out = temporary.resolve("wide.png");
    generate(out, "--prompt", "A", "--size", "24x48").assertOk();
    BufferedImage picture = ImageIO.read(out.toFile());
    assertEquals(List.of(24, 48), List.of(picture.getHeight(), picture.getWidth()));
  }

  @Test
  void shouldDrawBesideRealPictures() throws IOException {
    Path out = temporary.resolve("beside.png");
    generate(out, "--beside", TinyRuns.data().toString(), "--count", "2", "--split", "train").assertOk();
    assertTrue(ImageIO.read(out.toFile()).getWidth() > 4 * 96);
  }

  @Test
  void shouldScoreCharacters() {
    Path out = temporary.resolve("score.png");
    Outcome outcome =
        KilnProcess.runHere(
            "score", "--checkpoint", TinyRuns.finished().toString(), "--steps", "1", "--out", out.toString());
    assertEquals(ExitStatus.OK, outcome.status(), outcome::toString);
    assertTrue(outcome.out().matches("(?s)score: \\d+ of 36 characters recognised .*"), outcome::toString);
    assertTrue(Files.exists(out));
  }

  @Test
  void shouldRefuseWhatCannotBeDrawn() throws IOException {
    Path out = temporary.resolve("none.png");
    generate(out).assertRefused(ExitStatus.USAGE, "option --prompt", "--beside");
    generate(out, "--prompt", "A", "--size", "33").assertRefused(ExitStatus.USER_ERROR, "option --size: expected a multiple of 2", "found 33");
    generate(out, "--prompt", "A", "--size", "a").assertRefused(ExitStatus.USAGE, "option --size: expected HxW", "found a");
    generate(out, "--prompt", "A", "--sampler", "heun").assertRefused(ExitStatus.USAGE, "option --sampler", "found heun");
    generate(out, "--prompt", "A", "--guidance", "-1").assertRefused(ExitStatus.USER_ERROR, "--guidance", "found -1");
    generate(out, "--prompt", "A", "--steps", "3").assertRefused(ExitStatus.USAGE, "option --steps: expected once");
    String run = TinyRuns.finished().toString();
    KilnProcess.runHere("generate", "--checkpoint", run, "--prompt", "A", "--steps", "0", "--out", out.toString())
        .assertRefused(ExitStatus.USER_ERROR, "--steps", "found 0");
    KilnProcess.runHere("generate", "--checkpoint", TinyRuns.vae().toString(), "--prompt", "A", "--out", out.toString())
        .assertRefused(ExitStatus.USER_ERROR, "expected a diffusion model, found preset tiny-vae");
    KilnProcess.runHere("generate", "--checkpoint", temporary.resolve("x").toString(), "--prompt", "A")
        .assertRefused(ExitStatus.USER_ERROR, "option --checkpoint", "no such folder");
    assertFalse(Files.exists(out));
    try (Stream<Path> files = Files.list(temporary)) {
      assertEquals(0, files.count());
    }
  }
}
