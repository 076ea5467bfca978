package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.Backends;
import kiln.model.plan.Backend;
import kiln.model.train.BoundParameters;
import kiln.model.train.TinyModels;
import org.junit.jupiter.api.Test;

class LatentDiffusionPipelineTest {
  private static final int IMAGE_BYTES = TinyModels.SIDE * TinyModels.SIDE * 3;
  private static final DrawingSettings SETTINGS = new DrawingSettings(SamplerKind.DDIM, 4, 3, 0.5f, 11);

  @Test
  void shouldDrawAnImageThatDoesNotDependOnItsBatch() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        LatentDiffusionPipeline pipeline = pipeline(models, backend)) {
      byte[] three = pipeline.draw(prompts(0, 3), SETTINGS);
      assertEquals(3 * IMAGE_BYTES, three.length);
      assertArrayEquals(three, pipeline.draw(prompts(0, 3), SETTINGS), "not repeatable");
      byte[] second = pipeline.draw(prompts(1, 1), SETTINGS);
      assertClose(Arrays.copyOfRange(three, IMAGE_BYTES, 2 * IMAGE_BYTES), second);
      assertTrue(spread(three) > 1, "a flat image");
    }
  }

  @Test
  void shouldDrawWithEverySampler() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        LatentDiffusionPipeline pipeline = pipeline(models, backend)) {
      for (SamplerKind kind : SamplerKind.values()) {
        DrawingSettings unguided = new DrawingSettings(kind, 3, 1, 0, 11);
        assertEquals(2 * IMAGE_BYTES, pipeline.draw(prompts(0, 2), unguided).length);
      }
    }
  }

  /** Guidance of scale 1 is the conditional prediction, by the other path. */
  @Test
  void shouldDrawTheSameWithAndWithoutTheUnconditionalHalfAtScaleOne() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        LatentDiffusionPipeline pipeline = pipeline(models, backend)) {
      byte[] without = pipeline.draw(prompts(0, 2), new DrawingSettings(SamplerKind.DPMPP, 3, 1, 0, 11));
      byte[] with = pipeline.draw(prompts(0, 2), new DrawingSettings(SamplerKind.DPMPP, 3, Math.nextUp(1f), 0, 11));
      assertClose(without, with);
    }
  }

  @Test
  void shouldRefuseASizeThatTheNetworksCannotHave() {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        LatentDiffusionPipeline pipeline = pipeline(models, backend)) {
      Prompts odd = new Prompts(1, 1, new int[] {1}, new int[] {1}, 18, 16, 0);
      UserException refusal = assertThrows(UserException.class, () -> pipeline.draw(odd, SETTINGS));
      assertEquals("height: expected a multiple of 4 pixels, found 18", refusal.getMessage());
    }
  }

  private static LatentDiffusionPipeline pipeline(TinyModels models, Backend backend) {
    BoundParameters trained = new BoundParameters(models.state.table(), models.state.average());
    return new LatentDiffusionPipeline(
        models.unet,
        models.textEncoder,
        models.vae,
        SchedulerConfig.of(SamplerKind.DDIM, NoiseSchedule.STABLE_DIFFUSION),
        List.of(trained, models.vaeWeights),
        backend);
  }

  private static Prompts prompts(int first, int count) {
    int length = TinyModels.CAPTION_LENGTH;
    int[] ids = new int[count * length];
    int[] mask = new int[ids.length];
    for (int i = 0; i < count; i++) {
      ids[i * length] = 3 + 'A' + first + i;
      ids[i * length + 1] = 1;
      mask[i * length] = 1;
      mask[i * length + 1] = 1;
    }
    return new Prompts(count, length, ids, mask, TinyModels.SIDE, TinyModels.SIDE, first);
  }

  /** Other batch sizes may sum in another order; a pixel may then round the other way. */
  private static void assertClose(byte[] expected, byte[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i] & 0xFF, actual[i] & 0xFF, 1, "byte " + i);
    }
  }

  private static double spread(byte[] pixels) {
    double mean = 0;
    for (byte pixel : pixels) {
      mean += (pixel & 0xFF) / (double) pixels.length;
    }
    double squares = 0;
    for (byte pixel : pixels) {
      squares += Math.pow((pixel & 0xFF) - mean, 2) / pixels.length;
    }
    return Math.sqrt(squares);
  }
}
