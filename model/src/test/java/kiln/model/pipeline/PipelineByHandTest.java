package kiln.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kiln.model.Backends;
import kiln.model.diffusion.ImageRange;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.NoiseTables;
import kiln.model.diffusion.SamplerKind;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.random.Philox;
import kiln.model.random.Stream;
import kiln.model.train.BoundParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A drawing written out step by step: DDIM's equation, guidance and inpainting in a few lines of double arithmetic, one call of
 * each network at a time, on the reference kernels.
 */
class PipelineByHandTest {
  private static final int SIDE = TinyPipeline.SIDE;
  private static final int LATENT = SIDE / 2;
  private static final int CHANNELS = 4;
  private static final int ELEMENTS = LATENT * LATENT * CHANNELS;
  private static final int STEPS = 4;
  private static final int NUMBER = 6;
  private static final long SEED = 11;
  private static final float GUIDANCE = 4;

  private final TinyPipeline tiny = new TinyPipeline();
  private final Backend backend = Backends.open("reference");
  private final NoiseTables tables = NoiseSchedule.STABLE_DIFFUSION.tables();

  @AfterEach
  void close() {
    tiny.close();
    backend.close();
  }

  /** One run of a graph; its inputs are int32 or float32 as the arrays are. */
  private float[] run(Map<String, Object> inputs, Map<String, TensorType> types, Function<Map<String, Value>, Value> network) {
    Graph graph = new Graph();
    Map<String, Value> values = new HashMap<>();
    types.forEach((name, type) -> values.put(name, graph.input(name, type)));
    Value output = network.apply(values);
    PlanBuilder builder = new PlanBuilder(graph, backend).output(output);
    new BoundParameters(tiny.models.state.table(), tiny.models.state.average()).bind(graph, builder);
    tiny.models.vaeWeights.bind(graph, builder);
    try (Plan plan = builder.build()) {
      inputs.forEach((name, array) -> {
        MemorySegment from =
            array instanceof int[] ints
                ? MemorySegment.ofArray(ints)
                : MemorySegment.ofArray((float[]) array);
        plan.buffer(values.get(name)).segment().copyFrom(from);
      });
      plan.run();
      return plan.buffer(output).segment().toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static int[] mask(Caption caption) {
    int[] mask = new int[caption.length()];
    Arrays.fill(mask, 0, caption.numTokens(), 1);
    return mask;
  }

  private float[] encode(Caption caption) {
    int length = caption.length();
    return run(
        Map.of("ids", caption.ids().stream().mapToInt(i -> i).toArray(), "mask", mask(caption)),
        Map.of("ids", TensorType.i32(1, length), "mask", TensorType.i32(1, length)),
        in -> tiny.models.textEncoder.apply(in.get("ids"), in.get("mask")));
  }

  private float[] predict(double[] sample, int timestep, Caption caption) {
    int length = caption.length();
    float[] latents = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      latents[i] = (float) sample[i];
    }
    return run(
        Map.of("x", latents, "t", new int[] {timestep}, "text", encode(caption), "mask", mask(caption)),
        Map.of(
            "x", TensorType.f32(1, LATENT, LATENT, CHANNELS),
            "t", TensorType.i32(1),
            "text", TensorType.f32(1, length, tiny.models.textEncoder.width()),
            "mask", TensorType.i32(1, length)),
        in -> tiny.models.unet.apply(in.get("x"), in.get("t"), in.get("text"), in.get("mask")));
  }

  private double[] noise(Stream stream) {
    double[] noise = new double[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      noise[i] = Philox.normal(SEED, stream, 0, NUMBER, i);
    }
    return noise;
  }

  private double[] noisy(double[] clean, int timestep) {
    double bar = tables.alphaCumprod(timestep);
    double[] noise = noise(Stream.DRAWING);
    double[] noisy = new double[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      noisy[i] = Math.sqrt(bar) * clean[i] + Math.sqrt(1 - bar) * noise[i];
    }
    return noisy;
  }

  /** Timesteps 751, 501, 251 and 1 of Stable Diffusion's schedule. */
  private static int timestep(int step) {
    return (STEPS - 1 - step) * (1000 / STEPS) + 1;
  }

  private byte[] drawByHand(Subject subject, double[] start, int first, double[] clean, boolean[] cells) {
    double[] x = start;
    for (int step = first; step < STEPS; step++) {
      float[] towards = predict(x, timestep(step), subject.caption());
      float[] away = predict(x, timestep(step), subject.negative());
      double bar = tables.alphaCumprod(timestep(step));
      double next = step == STEPS - 1 ? tables.alphaCumprod(0) : tables.alphaCumprod(timestep(step + 1));
      double[] moved = new double[ELEMENTS];
      for (int i = 0; i < ELEMENTS; i++) {
        double e = away[i] + GUIDANCE * (towards[i] - away[i]);
        double x0 = (x[i] - Math.sqrt(1 - bar) * e) / Math.sqrt(bar);
        moved[i] = Math.sqrt(next) * x0 + Math.sqrt(1 - next) * e;
      }
      if (cells != null) {
        double[] kept = step == STEPS - 1 ? clean : noisy(clean, timestep(step + 1));
        for (int i = 0; i < ELEMENTS; i++) {
          moved[i] = cells[i / CHANNELS] ? moved[i] : kept[i];
        }
      }
      x = moved;
    }
    return decode(x);
  }

  private byte[] decode(double[] latents) {
    float[] unscaled = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      unscaled[i] = (float) (latents[i] / tiny.models.vae.config().scalingFactor());
    }
    float[] values =
        run(
            Map.of("z", unscaled),
            Map.of("z", TensorType.f32(1, LATENT, LATENT, CHANNELS)),
            in -> tiny.models.vae.decode(in.get("z")));
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Math.round(Math.clamp(values[i] * 127.5 + 127.5, 0, 255));
    }
    return pixels;
  }

  private double[] encodeImage(float[] image) {
    Map<String, TensorType> types = Map.of("image", TensorType.f32(1, SIDE, SIDE, 3));
    float[] both =
        run(
            Map.of("image", image),
            types,
            in -> {
              Moments moments = tiny.models.vae.encode(in.get("image"));
              return Ops.concat(3, moments.mean(), moments.std());
            });
    double[] noise = noise(Stream.DRAWING_POSTERIOR);
    double[] latents = new double[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      int at = i / CHANNELS * 2 * CHANNELS + i % CHANNELS;
      latents[i] = tiny.models.vae.config().scalingFactor() * (both[at] + both[at + CHANNELS] * noise[i]);
    }
    return latents;
  }

  private static Subject subject() {
    return new Subject(TinyPipeline.caption("Ab", 8), TinyPipeline.caption("xyz", 8), NUMBER);
  }

  private byte[] drawByPipeline(StartImage start) {
    DrawingSettings settings = new DrawingSettings(SamplerKind.DDIM, STEPS, GUIDANCE, 0, SEED);
    List<Subject> subjects = new ArrayList<>(TinyPipeline.letters(0, 1)); // beside another one
    subjects.add(subject());
    DrawingJob job = new DrawingJob(subjects, SIDE, SIDE, settings, DrawingJob.AUTOMATIC, start);
    return Drawn.by(tiny.pipeline(), job).get(1);
  }

  @Test
  void shouldDrawAsWrittenByHand() {
    assertClose(drawByHand(subject(), noise(Stream.DRAWING), 0, null, null), drawByPipeline(null));
  }

  @Test
  void shouldDrawFromAPictureAsWrittenByHand() {
    float[] image = image();
    double[] clean = encodeImage(image);
    byte[] expected = drawByHand(subject(), noisy(clean, timestep(2)), 2, null, null);
    assertClose(expected, drawByPipeline(new StartImage(image, null, 0.5)));
  }

  @Test
  void shouldRepaintAsWrittenByHand() {
    float[] image = image();
    boolean[] repaint = new boolean[SIDE * SIDE];
    boolean[] cells = new boolean[LATENT * LATENT];
    for (int i = 0; i < repaint.length; i++) {
      repaint[i] = i / SIDE >= 5 && i % SIDE < 9;
      cells[i / SIDE / 2 * LATENT + i % SIDE / 2] |= repaint[i];
    }
    double[] clean = encodeImage(image);
    for (double strength : new double[] {0.75, 1}) {
      int first = strength == 1 ? 0 : 1;
      double[] start = strength == 1 ? noise(Stream.DRAWING) : noisy(clean, timestep(first));
      byte[] expected = drawByHand(subject(), start, first, clean, cells);
      for (int i = 0; i < expected.length; i++) {
        expected[i] = repaint[i / 3] ? expected[i] : ImageRange.toPixel(image[i]);
      }
      assertClose(expected, drawByPipeline(new StartImage(image, repaint, strength)));
    }
  }

  private static float[] image() {
    float[] image = new float[TinyPipeline.IMAGE_BYTES];
    for (int i = 0; i < image.length; i++) {
      image[i] = ImageRange.fromPixel((byte) (i * 11 + i / 48 * 5));
    }
    return image;
  }

  /** A rounding apart. */
  private static void assertClose(byte[] expected, byte[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i] & 0xFF, actual[i] & 0xFF, 1, "byte " + i);
    }
  }
}
