package kiln.model.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.diffusion.BetaSchedule;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.PredictionType;
import kiln.model.diffusion.TimestepSpacing;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Ops;
import kiln.model.op.Slice;
import kiln.model.train.BatchShape;
import kiln.model.train.Objective;
import kiln.model.train.TinyModels;
import kiln.model.train.TrainingGraph;
import kiln.model.train.TrainingState;
import kiln.model.train.TrainingStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlanOutlineTest {
  private static final NoiseSchedule SCHEDULE =
      new NoiseSchedule(
          1000, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, PredictionType.V_PREDICTION, false,
          TimestepSpacing.TRAILING, 0, false, 1, false);

  private final Graph graph = new Graph();
  private final PlanBuilder builder = new PlanBuilder(graph, new ReferenceBackend());

  @ParameterizedTest
  @CsvSource({"1, F32", "2, F32", "1, BF16", "2, BF16"})
  void shouldSayOfATrainingStepWhatItsPlanThenHas(int numMicroBatches, DType compute) {
    BatchShape shape = new BatchShape(2, TinyModels.SIDE, TinyModels.SIDE, TinyModels.CAPTION_LENGTH);
    try (TinyModels models = new TinyModels();
        TrainingState state = new TrainingState(models.objective(SCHEDULE, 0.5f).trained(), false, compute);
        CpuBackend backend = new CpuBackend()) {
      Objective objective = models.objective(SCHEDULE, 0.5f, compute);
      TrainingStep step = new TrainingStep(objective, state, backend);
      PlanOutline outline = TrainingGraph.trace(objective, shape, numMicroBatches).outline(backend, numMicroBatches);
      assertEquals(step.flops(shape, numMicroBatches), outline.flops());
      assertEquals(step.planBytes(), outline.bytes());
      step.close();
    }
  }

  @Test
  void shouldCountWhatEachLaunchComputesAndMoves() {
    Value x = graph.input("x", TensorType.f32(3, 5));
    Parameter weight = new Parameter("w", Shape.of(7, 5), Initializer.ZEROS);
    Value y = graph.scoped("proj", () -> Ops.linear(x, graph.parameter(weight), null)); // [3, 7]
    Value part = graph.apply(new Slice(1, 0, 2), y);
    PlanOutline outline = builder.output(part).outline();
    LaunchInfo product = outline.launches().getFirst();
    assertEquals(new LaunchInfo("MatMul", "proj", 2 * 3 * 5 * 7, 4 * (15 + 35 + 21)), product);
    assertEquals(new LaunchInfo("Slice", "", 0, 2 * 4 * 6), outline.launches().getLast());
    assertEquals(2, outline.launches().size());
    assertEquals(FlopCount.of(graph, List.of(part)), outline.flops());
  }

  @Test
  void shouldNameTheLayerOfBackwardLaunches() {
    LaunchInfo info = new LaunchInfo("MatMul", "unet.proj'.x", 0, 0);
    assertTrue(info.backward());
    assertEquals("unet.proj", info.layer());
    assertFalse(new LaunchInfo("MatMul", "unet.proj", 0, 0).backward());
  }

  @Test
  void shouldFindWhereMostIsNeeded() {
    Value x = graph.input("x", TensorType.f32(16));
    Value wide = Ops.concat(0, x, x, x, x);
    Value wider = Ops.concat(0, wide, wide);
    Value narrow = Ops.sum(wider, 0, 1);
    PlanOutline outline = builder.output(narrow).outline();
    int fullest = outline.fullest();
    assertEquals(1, fullest);
    long most = outline.stays().stream().filter(stay -> stay.covers(fullest)).mapToLong(PlanOutline.Stay::bytes).sum();
    assertEquals(4 * (16 + 64 + 128), most);
    assertTrue(outline.bytes() >= most);
  }

  @Test
  void shouldRefuseToBuildWithoutKnowingThePlaces() {
    Value y = Ops.scale(graph.input("x", TensorType.f32(16)), 2);
    assertThrows(IllegalArgumentException.class, builder.bind(y)::build);
  }
}
