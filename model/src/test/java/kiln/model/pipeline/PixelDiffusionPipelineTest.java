package kiln.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.Backends;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.SamplerKind;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.DType;
import kiln.model.layer.ParameterScope;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.network.unet.UNet2dPresets;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.train.BoundParameters;
import kiln.model.train.ParameterInitializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PixelDiffusionPipelineTest {
  private static final int SIDE = 16;
  private static final int CLASSES = 3;

  private final Backend backend = Backends.open("cpu");
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    backend.close();
    arena.close();
  }

  private PixelDiffusionPipeline pipeline(UNet2dConfig config) {
    return pipeline(config, DType.F32);
  }

  private PixelDiffusionPipeline pipeline(UNet2dConfig config, DType compute) {
    UNet2dModel unet = new UNet2dModel(config, new ParameterScope());
    ParameterTable table = new ParameterTable(unet.parameters());
    BoundParameters weights = new BoundParameters(table, arena.allocate(table.bytes(), 64));
    ParameterInitializer.initialize(table, weights.values(), 3);
    SchedulerConfig scheduler = SchedulerConfig.of(SamplerKind.DDPM, NoiseSchedule.STABLE_DIFFUSION);
    return new PixelDiffusionPipeline(unet, scheduler, NetworkWeights.resident(weights), backend, compute);
  }

  private static PixelJob job(int count, Integer label, SamplerKind sampler, int batch) {
    return new PixelJob(count, label, SIDE, SIDE, new DrawingSettings(sampler, 3, 1, 0, 9), batch);
  }

  private static List<byte[]> draw(PixelDiffusionPipeline pipeline, PixelJob job) {
    Drawn drawn = new Drawn();
    pipeline.draw(job, drawn);
    assertEquals(drawn.steps.size(), drawn.totalSteps);
    assertTrue(drawn.planned.denoise().region() > 0 && drawn.planned.text() == PlanSize.NONE);
    return drawn.pictures();
  }

  @Test
  void shouldDrawTheSamePicturesInAnyBatch() {
    PixelDiffusionPipeline pipeline = pipeline(UNet2dPresets.tiny());
    for (SamplerKind sampler : SamplerKind.values()) {
      List<byte[]> together = draw(pipeline, job(3, null, sampler, DrawingJob.AUTOMATIC));
      assertEquals(3, together.size());
      assertFalse(Arrays.equals(together.get(0), together.get(1)), "every picture has noise of its own");
      List<byte[]> apart = draw(pipeline, job(3, null, sampler, 2));
      for (int i = 0; i < 3; i++) {
        assertEquals(SIDE * SIDE * 3, together.get(i).length);
        assertClose(together.get(i), apart.get(i));
      }
    }
  }

  @Test
  void shouldDrawNearlyTheSameInBfloat16() {
    PixelJob job = job(1, CLASSES - 1, SamplerKind.DDIM, 1);
    byte[] wide = draw(pipeline(UNet2dPresets.tinyWithClasses(CLASSES)), job).getFirst();
    byte[] narrow = draw(pipeline(UNet2dPresets.tinyWithClasses(CLASSES), DType.BF16), job).getFirst();
    assertFalse(Arrays.equals(wide, narrow), "nothing was computed in bfloat16");
    assertEquals(0, Drawn.difference(wide, narrow), 3);
  }

  @Test
  void shouldDrawWhatTheClassSays() {
    PixelDiffusionPipeline pipeline = pipeline(UNet2dPresets.tinyWithClasses(CLASSES));
    byte[] first = draw(pipeline, job(1, 0, SamplerKind.DDIM, 1)).getFirst();
    assertArrayEquals(first, draw(pipeline, job(1, 0, SamplerKind.DDIM, 1)).getFirst());
    assertFalse(Arrays.equals(first, draw(pipeline, job(1, CLASSES - 1, SamplerKind.DDIM, 1)).getFirst()));
  }

  @Test
  void shouldRefuseAClassThatTheNetworkDoesNotHave() {
    PixelDiffusionPipeline plain = pipeline(UNet2dPresets.tiny());
    assertRefused(plain, 1, "option --class: expected none, for the network knows no classes, found 1");
    PixelDiffusionPipeline classes = pipeline(UNet2dPresets.tinyWithClasses(CLASSES));
    assertRefused(classes, null, "option --class: expected 0 to 2, found none");
    assertRefused(classes, CLASSES, "option --class: expected 0 to 2, found 3");
    assertRefused(classes, -1, "option --class: expected 0 to 2, found -1");
  }

  private static void assertRefused(PixelDiffusionPipeline pipeline, Integer label, String line) {
    UserException refusal =
        assertThrows(UserException.class, () -> draw(pipeline, job(1, label, SamplerKind.DDIM, 1)));
    assertEquals(line, refusal.getMessage());
  }

  /** Other batch sizes may sum in another order; a pixel may then round the other way. */
  private static void assertClose(byte[] expected, byte[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i] & 0xFF, actual[i] & 0xFF, 1, "byte " + i);
    }
  }
}
