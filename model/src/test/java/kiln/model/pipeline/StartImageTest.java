package kiln.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.diffusion.ImageRange;
import kiln.model.diffusion.SamplerKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Image-to-image and inpainting. */
class StartImageTest {
  private static final int SIDE = TinyPipeline.SIDE;
  private static final int STEPS = 10;

  private final TinyPipeline tiny = new TinyPipeline();

  @AfterEach
  void close() {
    tiny.close();
  }

  /** Pixels of every value. */
  private static byte[] pixels() {
    byte[] pixels = new byte[TinyPipeline.IMAGE_BYTES];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 37);
    }
    return pixels;
  }

  private static float[] values() {
    byte[] pixels = pixels();
    float[] values = new float[pixels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ImageRange.fromPixel(pixels[i]);
    }
    return values;
  }

  private DrawingJob job(SamplerKind kind, StartImage start) {
    DrawingSettings settings = new DrawingSettings(kind, STEPS, 3, 0, 11);
    return new DrawingJob(TinyPipeline.letters(0, 2), SIDE, SIDE, settings, DrawingJob.AUTOMATIC, start);
  }

  private List<byte[]> draw(SamplerKind kind, StartImage start) {
    return Drawn.by(tiny.pipeline(), job(kind, start));
  }

  /** Root of the mean square of the differences. */
  private static double distance(byte[] a, byte[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow((a[i] & 255) - (b[i] & 255), 2);
    }
    return Math.sqrt(sum / a.length);
  }

  @Test
  void shouldTakeAsManyStepsAsTheStrengthSays() {
    for (double strength : new double[] {0.1, 0.35, 0.7, 1}) {
      Drawn drawn = new Drawn();
      tiny.pipeline().draw(job(SamplerKind.DDIM, new StartImage(values(), null, strength)), drawn);
      assertEquals((int) (STEPS * strength), drawn.totalSteps);
      assertEquals((int) (STEPS * strength), drawn.steps.size());
      assertTrue(drawn.planned.encode().region() > 0);
    }
  }

  /** With every sampler, little strength stays with what the autoencoder makes of the start, and much leaves it. */
  @Test
  void shouldLeaveTheStartFartherWithMoreStrength() {
    for (SamplerKind kind : SamplerKind.values()) {
      byte[] least = draw(kind, new StartImage(values(), null, 0.1)).getFirst();
      byte[] little = draw(kind, new StartImage(values(), null, 0.2)).getFirst();
      byte[] whole = draw(kind, new StartImage(values(), null, 1)).getFirst();
      assertTrue(distance(least, little) < distance(least, whole), kind::toString);
      assertFalse(Arrays.equals(whole, draw(kind, new StartImage(new float[values().length], null, 1)).getFirst()));
    }
  }

  @Test
  void shouldKeepWhatIsNotRepaintedBitByBit() {
    boolean[] repaint = new boolean[SIDE * SIDE];
    for (int i = 0; i < repaint.length; i++) {
      repaint[i] = i % SIDE > 6 && i / SIDE > 4;
    }
    for (SamplerKind kind : SamplerKind.values()) {
      for (double strength : new double[] {0.5, 1}) {
        for (byte[] picture : draw(kind, new StartImage(values(), repaint, strength))) {
          int changed = 0;
          for (int i = 0; i < picture.length; i++) {
            changed += picture[i] != pixels()[i] ? 1 : 0;
            assertTrue(repaint[i / 3] || picture[i] == pixels()[i], kind + ": byte " + i);
          }
          assertTrue(changed > 100, kind::toString);
        }
      }
    }
  }

  /** Whatever lies where everything is repainted from noise is of no importance. */
  @Test
  void shouldForgetWhatIsRepaintedWithFullStrength() {
    boolean[] everything = new boolean[SIDE * SIDE];
    Arrays.fill(everything, true);
    byte[] one = draw(SamplerKind.DDIM, new StartImage(values(), everything, 1)).getFirst();
    byte[] other = draw(SamplerKind.DDIM, new StartImage(new float[values().length], everything, 1)).getFirst();
    assertArrayEquals(one, other);
    DrawingSettings settings = new DrawingSettings(SamplerKind.DDIM, STEPS, 3, 0, 11);
    DrawingJob plain = new DrawingJob(TinyPipeline.letters(0, 2), SIDE, SIDE, settings, DrawingJob.AUTOMATIC, null);
    assertArrayEquals(one, Drawn.by(tiny.pipeline(), plain).getFirst());
  }

  /** A cell of the latents is repainted if one of its pixels is. */
  @Test
  void shouldRepaintEveryCellThatIsTouched() {
    boolean[] repaint = new boolean[4 * 6];
    repaint[6 + 3] = true;
    assertArrayEquals(
        new boolean[] {false, true, false, false, false, false},
        new StartImage(new float[4 * 6 * 3], repaint, 1).repaintedCells(4, 6, 2));
  }

  @Test
  void shouldGiveEveryPixelBack() {
    for (int pixel = 0; pixel < 256; pixel++) {
      assertEquals((byte) pixel, ImageRange.toPixel(ImageRange.fromPixel((byte) pixel)));
    }
  }

  @Test
  void shouldRefuseValuesBeyondTheRangeOfTheEncoder() {
    float[] values = values();
    values[5] = 1.5f;
    StartImage start = new StartImage(values, null, 0.5);
    UserException refusal = assertThrows(UserException.class, () -> draw(SamplerKind.DDIM, start));
    assertEquals("VAE encoder: expected an image of values in [-1, 1], found -1.0 to 1.5", refusal.getMessage());
    values[7] = Float.NaN;
    assertThrows(UserException.class, () -> draw(SamplerKind.DDIM, start));
  }

  @Test
  void shouldRefuseAStrengthWithoutSteps() {
    for (double strength : new double[] {0, -1, 1.1, Double.NaN}) {
      assertThrows(UserException.class, () -> new StartImage(values(), null, strength));
    }
    UserException refusal =
        assertThrows(UserException.class, () -> draw(SamplerKind.DDIM, new StartImage(values(), null, 0.05)));
    assertEquals("option --strength: expected at least 0.1, one of 10 steps, found 0.05", refusal.getMessage());
  }
}
