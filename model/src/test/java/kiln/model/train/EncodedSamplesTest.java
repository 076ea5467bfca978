package kiln.model.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import kiln.model.Backends;
import kiln.model.diffusion.BetaSchedule;
import kiln.model.diffusion.DiffusionObjective;
import kiln.model.diffusion.DiffusionSettings;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.PredictionType;
import kiln.model.diffusion.SampleContents;
import kiln.model.diffusion.SampleEncoder;
import kiln.model.diffusion.TimestepSpacing;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What frozen networks made of samples ahead of training, in their place. */
class EncodedSamplesTest {
  private static final int COUNT = 8;
  private static final long SEED = 5;

  /** bfloat16 has 8 bits: what is kept is wrong by at most 1 / 256, and errors of many numbers cancel out. */
  private static final double ROUNDING = 2e-3;

  private static final NoiseSchedule VELOCITY =
      new NoiseSchedule(
          1000, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, PredictionType.V_PREDICTION, false,
          TimestepSpacing.TRAILING, 0, false, 1, false);

  private static DiffusionObjective objective(
      TinyModels models, boolean jointly, float dropout, SampleContents contents, Arena arena) {
    List<ParameterBinding> frozen =
        jointly ? List.of(models.vaeWeights) : List.of(models.vaeWeights, textWeights(models, arena));
    return new DiffusionObjective(
        models.unet, models.textEncoder, models.vae, jointly ? trained(models) : models.unet.parameters(), frozen,
        new DiffusionSettings(VELOCITY, 5, dropout, SEED), DType.F32, contents);
  }

  /** The text encoder's alone, where the state has those of both networks. */
  private static BoundParameters textWeights(TinyModels models, Arena arena) {
    ParameterTable table = new ParameterTable(models.textEncoder.parameters());
    MemorySegment values = arena.allocate(table.bytes(), 64);
    for (ParameterTable.Entry entry : table.entries()) {
      entry.slice(values).copyFrom(models.state.table().entry(entry.parameter().name()).slice(models.state.weights()));
    }
    return new BoundParameters(table, values);
  }

  private static List<Parameter> trained(TinyModels models) {
    return models.state.table().entries().stream().map(e -> e.parameter()).toList();
  }

  /** The same samples, encoded. */
  private static MicroBatch encode(TinyModels models, MicroBatch batch, Backend backend, Arena arena) {
    BoundParameters text = textWeights(models, arena);
    ParameterBinding both = (graph, builder) -> Stream.of(models.vaeWeights, text).forEach(b -> b.bind(graph, builder));
    int n = batch.shape().samples();
    int length = batch.shape().captionLength();
    try (SampleEncoder encoder = new SampleEncoder(models.vae, models.textEncoder, both, backend, DType.F32)) {
      int reduction = models.vae.config().reduction();
      int side = TinyModels.SIDE / reduction;
      long bytes = 2L * n * side * side * models.vae.config().latentChannels();
      MemorySegment mean = arena.allocate(bytes, 64);
      MemorySegment logvar = arena.allocate(bytes, 64);
      encoder.encode(n, TinyModels.SIDE, TinyModels.SIDE, batch.pixels(), mean, logvar);
      int[] tokens = new int[n];
      MemorySegment offsets = arena.allocate(4L * (n + 1), 64);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < length; j++) {
          tokens[i] += batch.mask().getAtIndex(ValueLayout.JAVA_INT, (long) i * length + j);
        }
        offsets.setAtIndex(ValueLayout.JAVA_INT, i + 1L, offsets.getAtIndex(ValueLayout.JAVA_INT, i) + tokens[i]);
      }
      MemorySegment states = arena.allocate(offsets.getAtIndex(ValueLayout.JAVA_INT, n) * encoder.rowBytes(), 64);
      MemorySegment empty = arena.allocate(encoder.rowBytes(), 64);
      encoder.encode(length, tokens, batch.ids(), batch.mask(), states);
      encoder.encodeEmptyCaption(empty);
      return new MicroBatch(
          batch.shape(), MemorySegment.NULL, batch.ids(), batch.mask(), batch.sampleIds(),
          new EncodedSamples(mean, logvar, new EncodedSamples.Text(offsets, states, empty)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LATENTS", "LATENTS_AND_TEXT"})
  void shouldGiveTheSameLossAndGradientsForTheSameNoise(SampleContents contents) {
    boolean jointly = !contents.hasText();
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        Arena arena = Arena.ofConfined()) {
      MicroBatch batch = models.batch(0, COUNT);
      MicroBatch encoded = encode(models, batch, backend, arena);
      DiffusionObjective plain = objective(models, jointly, 0.5f, SampleContents.PIXELS, arena);
      DiffusionObjective ahead = objective(models, jointly, 0.5f, contents, arena);
      try (TrainingState state = state(models, plain);
          TrainingState other = state(models, ahead);
          TrainingStep step = new TrainingStep(plain, state, backend);
          TrainingStep stepAhead = new TrainingStep(ahead, other, backend)) {
        float loss = step.run(List.of(batch), GradientSink.NONE);
        assertEquals(loss, stepAhead.run(List.of(encoded), GradientSink.NONE), ROUNDING * loss);
        assertTrue(cosine(state.gradients(), other.gradients()) > 1 - 1e-4, "gradients point elsewhere");
        assertTrue(stepAhead.flops(batch.shape(), 1) < step.flops(batch.shape(), 1));
      }
    }
  }

  private static TrainingState state(TinyModels models, DiffusionObjective objective) {
    TrainingState state = new TrainingState(objective.trained());
    for (ParameterTable.Entry entry : state.table().entries()) {
      entry.slice(state.weights()).copyFrom(models.state.table().entry(entry.parameter().name()).slice(models.state.weights()));
    }
    return state;
  }

  private static double cosine(MemorySegment a, MemorySegment b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (long i = 0; i < a.byteSize() / Float.BYTES; i++) {
      double x = a.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      double y = b.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      dot += x * y;
      aa += x * x;
      bb += y * y;
    }
    return dot / Math.sqrt(aa * bb);
  }

  @ParameterizedTest
  @EnumSource(names = {"LATENTS", "LATENTS_AND_TEXT"})
  void shouldReadLatentsWhereTheyLieAndRunNoFrozenNetwork(SampleContents contents) {
    try (Backend backend = Backends.open("cpu");
        TinyModels models = new TinyModels();
        Arena arena = Arena.ofConfined()) {
      MicroBatch encoded = encode(models, models.batch(0, COUNT), backend, arena);
      DiffusionObjective objective = objective(models, !contents.hasText(), 0, contents, arena);
      Graph graph = new Graph();
      Objective.Traced traced = objective.trace(graph, encoded.shape());
      assertFalse(graph.parameters().keySet().stream().anyMatch(models.vae.parameters()::contains));
      assertEquals(
          !contents.hasText(), graph.parameters().keySet().stream().anyMatch(models.textEncoder.parameters()::contains));
      PlanBuilder builder = new PlanBuilder(graph, backend).output(traced.loss());
      new BoundParameters(models.state.table(), models.state.weights()).bind(graph, builder);
      List<Value> inputs = graph.values().stream().filter(v -> v.isInput() && v.type().dtype() == DType.BF16).toList();
      try (Plan plan = builder.build()) {
        traced.fill(plan, 0, encoded);
        assertEquals(encoded.encoded().mean().address(), plan.buffer(inputs.get(0)).segment().address());
        assertEquals(encoded.encoded().logvar().address(), plan.buffer(inputs.get(1)).segment().address());
        assertEquals(contents.hasText() ? 3 : 2, inputs.size());
      }
    }
  }
}
