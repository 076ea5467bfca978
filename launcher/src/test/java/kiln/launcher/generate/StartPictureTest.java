package kiln.launcher.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Image-to-image and inpainting from the command line. */
class StartPictureTest {
  private static final int HEIGHT = 20;
  private static final int WIDTH = 34;

  @TempDir Path temporary;
  private Path out;
  private String image;

  @BeforeEach
  void write() throws IOException {
    out = temporary.resolve("out.png");
    image = DrawingFixtures.write(temporary.resolve("start.png"), DrawingFixtures.colours(HEIGHT, WIDTH)).toString();
  }

  private BufferedImage draw(String... more) throws IOException {
    DrawingFixtures.generate(TinyRuns.finished(), out, more).assertOk();
    return DrawingFixtures.read(out);
  }

  private static boolean same(BufferedImage a, BufferedImage b) {
    return Arrays.equals(new Drawing("", a).rgb(), new Drawing("", b).rgb());
  }

  @Test
  void shouldDrawFromAPictureInItsSize() throws IOException {
    BufferedImage little = draw("--prompt", "A", "--init-image", image, "--strength", "0.25");
    assertEquals(HEIGHT, little.getHeight());
    assertEquals(WIDTH, little.getWidth());
    BufferedImage more = draw("--prompt", "A", "--init-image", image);
    assertFalse(same(little, more));
    assertTrue(same(more, draw("--prompt", "A", "--init-image", image, "--strength", "0.8")));
  }

  @Test
  void shouldKeepWhatTheMaskDoesNotShowBitByBit() throws IOException {
    int from = 17; // between two cells of the latents
    String mask = DrawingFixtures.write(temporary.resolve("mask.png"), DrawingFixtures.mask(HEIGHT, WIDTH, from)).toString();
    for (String sampler : new String[] {"ddim", "euler_a", "dpmpp"}) {
      BufferedImage drawn = draw("--prompt", "A", "--init-image", image, "--mask", mask, "--sampler", sampler);
      BufferedImage start = DrawingFixtures.colours(HEIGHT, WIDTH);
      int changed = 0;
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          boolean equal = (drawn.getRGB(x, y) & 0xFFFFFF) == (start.getRGB(x, y) & 0xFFFFFF);
          assertTrue(equal || x >= from, sampler + ": x=" + x + " y=" + y);
          changed += equal ? 0 : 1;
        }
      }
      assertTrue(changed > HEIGHT, "nothing was repainted");
    }
  }

  @Test
  void shouldRefusePicturesThatDoNotFit() throws IOException {
    Path run = TinyRuns.finished();
    String odd = DrawingFixtures.write(temporary.resolve("odd.png"), DrawingFixtures.colours(15, 16)).toString();
    DrawingFixtures.generate(run, out, "--prompt", "A", "--init-image", odd)
        .assertRefused(ExitStatus.USER_ERROR, "option --init-image: ", odd, "multiples of 2 pixels, found 15x16");
    String mask = DrawingFixtures.write(temporary.resolve("mask.png"), DrawingFixtures.mask(16, 16, 8)).toString();
    DrawingFixtures.generate(run, out, "--prompt", "A", "--init-image", image, "--mask", mask)
        .assertRefused(ExitStatus.USER_ERROR, "option --mask: ", mask, "expected 20x34 pixels", "found 16x16");
    DrawingFixtures.generate(run, out, "--prompt", "A", "--mask", mask)
        .assertRefused(ExitStatus.USAGE, "option --mask: expected --init-image");
    DrawingFixtures.generate(run, out, "--prompt", "A", "--strength", "0.5")
        .assertRefused(ExitStatus.USAGE, "option --strength: expected --init-image");
    DrawingFixtures.generate(run, out, "--prompt", "A", "--init-image", image, "--size", "32")
        .assertRefused(ExitStatus.USAGE, "option --size", "--init-image");
    DrawingFixtures.generate(run, out, "--prompt", "A", "--init-image", image, "--strength", "1.5")
        .assertRefused(ExitStatus.USER_ERROR, "option --strength: expected more than 0, at most 1, found 1.5");
    DrawingFixtures.generate(run, out, "--prompt", "A", "--init-image", image, "--strength", "0.2")
        .assertRefused(ExitStatus.USER_ERROR, "option --strength: expected at least 0.25", "found 0.2");
    DrawingFixtures.generate(run, out, "--prompt", "A", "--init-image", temporary.resolve("no.png").toString())
        .assertRefused(ExitStatus.USER_ERROR, "option --init-image: ", "no.png: no such file");
    Path text = Files.writeString(temporary.resolve("text.png"), "no picture");
    DrawingFixtures.generate(run, out, "--prompt", "A", "--init-image", text.toString())
        .assertRefused(ExitStatus.USER_ERROR, "option --init-image: ", "text.png: does not decode");
    assertFalse(Files.exists(out));
  }
}
