package kiln.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.diffusion.SamplerKind;
import kiln.model.graph.DType;
import kiln.model.plan.ParameterBinding;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LatentDiffusionPipelineTest {
  private static final int SIDE = TinyPipeline.SIDE;
  private static final DrawingSettings SETTINGS = new DrawingSettings(SamplerKind.DDIM, 4, 3, 0.5f, 11);

  private final TinyPipeline tiny = new TinyPipeline();

  @AfterEach
  void close() {
    tiny.close();
  }

  private static DrawingJob job(List<Subject> subjects, DrawingSettings settings) {
    return new DrawingJob(subjects, SIDE, SIDE, settings, DrawingJob.AUTOMATIC, null);
  }

  private List<byte[]> draw(DrawingJob job) {
    return Drawn.by(tiny.pipeline(), job);
  }

  @Test
  void shouldDrawAnImageThatDoesNotDependOnItsBatch() {
    List<byte[]> three = draw(job(TinyPipeline.letters(0, 3), SETTINGS));
    assertEquals(3, three.size());
    assertSame(three, draw(job(TinyPipeline.letters(0, 3), SETTINGS)));
    assertClose(three.get(1), draw(job(TinyPipeline.letters(1, 1), SETTINGS)).getFirst());
    assertTrue(spread(three.get(0)) > 1, "a flat image");
    assertFalse(Arrays.equals(three.get(0), three.get(1)));
    List<byte[]> inPairs = draw(new DrawingJob(TinyPipeline.letters(0, 3), SIDE, SIDE, SETTINGS, 2, null));
    for (int i = 0; i < 3; i++) {
      assertClose(three.get(i), inPairs.get(i));
    }
  }

  @Test
  void shouldDrawNearlyTheSameInBfloat16() {
    DrawingJob job = job(TinyPipeline.letters(0, 2), SETTINGS);
    List<byte[]> wide = draw(job);
    List<byte[]> narrow = Drawn.by(tiny.pipeline(DType.BF16), job);
    for (int i = 0; i < 2; i++) {
      assertFalse(Arrays.equals(wide.get(i), narrow.get(i)), "nothing was computed in bfloat16");
      assertEquals(0, Drawn.difference(wide.get(i), narrow.get(i)), 3, "picture " + i);
    }
  }

  @Test
  void shouldDrawWithEverySampler() {
    for (SamplerKind kind : SamplerKind.values()) {
      DrawingSettings unguided = new DrawingSettings(kind, 3, 1, 0, 11);
      List<byte[]> two = draw(job(TinyPipeline.letters(0, 2), unguided));
      assertEquals(List.of(TinyPipeline.IMAGE_BYTES, TinyPipeline.IMAGE_BYTES), two.stream().map(p -> p.length).toList());
    }
  }

  /** Guidance of scale 1 is the conditional prediction, by the other path. */
  @Test
  void shouldDrawTheSameWithAndWithoutTheUnconditionalHalfAtScaleOne() {
    List<Subject> letters = TinyPipeline.letters(0, 2);
    List<byte[]> without = draw(job(letters, new DrawingSettings(SamplerKind.DPMPP, 3, 1, 0, 11)));
    List<byte[]> with = draw(job(letters, new DrawingSettings(SamplerKind.DPMPP, 3, Math.nextUp(1f), 0, 11)));
    for (int i = 0; i < 2; i++) {
      assertClose(without.get(i), with.get(i));
    }
  }

  @Test
  void shouldSteerAwayFromTheNegativeCaption() {
    Subject plain = TinyPipeline.letters(0, 1).getFirst();
    Subject away = new Subject(plain.caption(), TinyPipeline.caption("Z", plain.caption().length()), 0);
    Subject same = new Subject(plain.caption(), plain.caption(), 0);
    byte[] drawn = draw(job(List.of(plain), SETTINGS)).getFirst();
    assertFalse(Arrays.equals(drawn, draw(job(List.of(away), SETTINGS)).getFirst()));
    DrawingSettings strong = new DrawingSettings(SamplerKind.DDIM, 4, 9, 0, 11);
    DrawingSettings none = new DrawingSettings(SamplerKind.DDIM, 4, 1, 0, 11);
    assertClose(draw(job(List.of(same), none)).getFirst(), draw(job(List.of(same), strong)).getFirst());
  }

  /** Captions of other lengths are drawn apart: what is padded is not seen, and nothing is padded because of another. */
  @Test
  void shouldDrawACaptionTheSameBesideALongerOne() {
    Caption empty = TinyPipeline.caption("", 8);
    Subject letter = new Subject(TinyPipeline.caption("A", 8), empty, 0);
    Subject sentence = new Subject(TinyPipeline.caption("a much longer caption", 32), empty, 1);
    byte[] alone = draw(job(List.of(letter), SETTINGS)).getFirst();
    List<byte[]> both = draw(job(List.of(sentence, letter), SETTINGS));
    assertArrayEquals(alone, both.get(1));
  }

  /** Phase by phase: whoever wants to can give weights back between them, and draws the same. */
  @Test
  void shouldHoldTheWeightsOfOneNetworkAtATime() {
    List<String> events = new ArrayList<>();
    LatentDiffusionPipeline.Weights logged =
        new LatentDiffusionPipeline.Weights(
            logged("text", tiny.trained(), events),
            logged("unet", tiny.trained(), events),
            logged("vae", NetworkWeights.resident(tiny.models.vaeWeights), events));
    DrawingJob job = job(TinyPipeline.letters(0, 3), SETTINGS);
    Drawn drawn = new Drawn();
    tiny.pipeline(logged).draw(job, drawn);
    assertSame(draw(job), drawn.pictures());
    assertEquals(List.of("+text", "-text", "+unet", "-unet", "+vae", "-vae"), events);
    assertEquals(List.of(1, 2, 3, 4), drawn.steps);
    assertEquals(4, drawn.totalSteps);
    PlanSizes planned = drawn.planned;
    assertEquals(PlanSize.NONE, planned.encode());
    for (PlanSize size : List.of(planned.text(), planned.denoise(), planned.decode())) {
      assertTrue(size.region() > 0 && size.region() <= planned.region(), planned::toString);
    }
  }

  private static NetworkWeights logged(String name, NetworkWeights weights, List<String> events) {
    return new NetworkWeights() {
      @Override
      public ParameterBinding acquire() {
        events.add("+" + name);
        return weights.acquire();
      }

      @Override
      public void release() {
        events.add("-" + name);
        weights.release();
      }
    };
  }

  /** Latents of odd size, and far from square. */
  @Test
  void shouldDrawInEverySizeThatTheAutoencoderHas() {
    for (int[] size : new int[][] {{18, 14}, {6, 34}, {2, 2}}) {
      DrawingJob job = new DrawingJob(TinyPipeline.letters(0, 1), size[0], size[1], SETTINGS, 1, null);
      assertEquals(size[0] * size[1] * 3, draw(job).getFirst().length);
    }
  }

  @Test
  void shouldRefuseASizeThatTheNetworksCannotHave() {
    DrawingJob odd = new DrawingJob(TinyPipeline.letters(0, 1), 17, SIDE, SETTINGS, 1, null);
    UserException refusal = assertThrows(UserException.class, () -> draw(odd));
    assertEquals("height: expected a multiple of 2 pixels, found 17", refusal.getMessage());
  }

  @Test
  void shouldNameThePictureThatIsNotFinite() {
    tiny.models.vaeWeights.values().asSlice(0, 4).fill((byte) 0x7f); // 3e38 in the encoder, which is not used
    assertEquals(1, draw(job(TinyPipeline.letters(0, 1), SETTINGS)).size());
    tiny.models.state.average().fill((byte) 0x7f);
    UserException refusal = assertThrows(UserException.class, () -> draw(job(TinyPipeline.letters(2, 1), SETTINGS)));
    assertTrue(refusal.getMessage().startsWith("picture 3: found "), refusal::getMessage);
    assertTrue(refusal.getMessage().contains("after step 1 of 4"), refusal::getMessage);
  }

  private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
    assertArrayEquals(expected.toArray(byte[][]::new), actual.toArray(byte[][]::new));
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
