package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kiln.model.Backends;
import kiln.model.Evaluation;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.Test;

/** What the golden cases do not show: odd sizes, masks, other block types. */
final class UNet2dConditionModelTest {
  private static final int TEXT_LENGTH = 5;
  private static final int TEXT_WIDTH = 6;

  @Test
  void shouldKeepSizesThatDoNotHalveEvenly() {
    for (int padding : new int[] {0, 1}) {
      UNet2dConditionModel unet =
          new UNet2dConditionModel(config("UNetMidBlock2DCrossAttn", padding, true), new ParameterScope());
      for (int[] size : new int[][] {{8, 8}, {7, 9}, {5, 6}}) {
        Run run = new Run(unet, 1, size[0], size[1], false);
        assertEquals(Shape.of(1, size[0], size[1], 3), run.out.shape());
      }
    }
  }

  @Test
  void shouldTraceEveryParameterOnce() {
    for (String mid : List.of("UNetMidBlock2DCrossAttn", "UNetMidBlock2D", "none")) {
      UNet2dConditionModel unet = new UNet2dConditionModel(config(mid, 1, true), new ParameterScope());
      Run run = new Run(unet, 1, 8, 8, false);
      assertEquals(unet.parameters().size(), run.graph.parameters().size(), mid);
    }
  }

  @Test
  void shouldNotSeeMaskedText() {
    UNet2dConditionModel unet = new UNet2dConditionModel(config("UNetMidBlock2DCrossAttn", 1, true), new ParameterScope());
    Run masked = new Run(unet, 2, 4, 4, true);
    float[] text = random(2 * TEXT_LENGTH * TEXT_WIDTH, 1);
    int[] mask = {1, 1, 1, 0, 0, 1, 1, 1, 1, 1};
    float[] out = masked.run(text, mask);
    float[] other = text.clone();
    Arrays.fill(other, 3 * TEXT_WIDTH, TEXT_LENGTH * TEXT_WIDTH, 9); // padding of the first sample
    assertArrayEquals(out, masked.run(other, mask));
    other[0] += 1;
    assertFalse(Arrays.equals(out, masked.run(other, mask)));
    int[] ones = new int[mask.length];
    Arrays.fill(ones, 1);
    assertArrayEquals(new Run(unet, 2, 4, 4, false).run(text, null), masked.run(text, ones));
  }

  @Test
  void shouldComputeTheSameWithProjectionsAsConvolutions() {
    UNet2dConditionModel linear = new UNet2dConditionModel(config("UNetMidBlock2DCrossAttn", 1, true), new ParameterScope());
    UNet2dConditionModel convolutions =
        new UNet2dConditionModel(config("UNetMidBlock2DCrossAttn", 1, false), new ParameterScope());
    float[] text = random(TEXT_LENGTH * TEXT_WIDTH, 1);
    float[] expected = new Run(linear, 1, 4, 4, false).run(text, null);
    float[] actual = new Run(convolutions, 1, 4, 4, false).run(text, null);
    assertArrayEquals(expected, actual, 1e-5f);
  }

  private static UNet2dConditionConfig config(String mid, int padding, boolean linear) {
    return new UNet2dConditionConfig(
        8, 3, 3, List.of(4, 6, 8), List.of("CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"), mid,
        List.of("CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"), List.of(1, 2, 1), List.of(2, 1, 3),
        List.of(TEXT_WIDTH, TEXT_WIDTH, TEXT_WIDTH), List.of(1, 1, 2), 2, 1e-5, padding, linear, true, 0, 12, 3, 3);
  }

  private static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** One trace, with weights that depend only on the parameters' names and sizes. */
  private static final class Run {
    final Graph graph = new Graph();
    final Value sample;
    final Value timesteps;
    final Value text;
    final Value mask;
    final Value out;

    Run(UNet2dConditionModel unet, int batch, int height, int width, boolean masked) {
      sample = graph.input("sample", TensorType.f32(batch, height, width, 3));
      timesteps = graph.input("timesteps", TensorType.i32(batch));
      text = graph.input("text", TensorType.f32(batch, TEXT_LENGTH, TEXT_WIDTH));
      mask = masked ? graph.input("mask", TensorType.i32(batch, TEXT_LENGTH)) : null;
      out = unet.apply(sample, timesteps, text, mask);
    }

    float[] run(float[] textValues, int... maskValues) {
      try (Backend backend = Backends.open("reference");
          Evaluation evaluation = new Evaluation(graph, backend, List.of(out))) {
        graph.parameters()
            .forEach(
                (parameter, value) ->
                    evaluation.set(
                        value, random((int) parameter.shape().elements(), parameter.name().hashCode())));
        int[] times = new int[timesteps.shape().dim(0)];
        Arrays.fill(times, 500);
        evaluation.set(timesteps, times).set(sample, random((int) sample.shape().elements(), 2)).set(text, textValues);
        if (mask != null) {
          evaluation.set(mask, maskValues);
        }
        return evaluation.run().get(out);
      }
    }
  }
}
