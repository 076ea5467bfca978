package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.SplittableRandom;
import kiln.bindings.Region;
import kiln.model.Backends;
import kiln.model.Golden;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.train.BoundParameters;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A network on the pages of its file against the same network on a region of memory. */
final class MappedNetworkTest {
  private final Path folder = Golden.folder("unet_sd21");
  private final UNet2dConditionModel unet =
      new UNet2dConditionModel(UNet2dConditionConfig.read(folder.resolve("config.json")), new ParameterScope());

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#names")
  void shouldGiveTheSameBitsFromPagesOfTheFile(String backendName) {
    ParameterTable table = new ParameterTable(unet.parameters());
    try (Backend backend = Backends.open(backendName);
        Region region = Region.allocate("weights", table.bytes());
        MappedWeights mapped = MappedWeights.open(folder, WeightNames.SAME, unet.parameters(), "")) {
      assertEquals(mapped.residentBytes(), mapped.mappedBytes());
      Weights.load(folder, table, region.segment());
      float[] expected = run(backend, new BoundParameters(table, region.segment()));
      assertArrayEquals(expected, run(backend, mapped));
    }
  }

  private float[] run(Backend backend, ParameterBinding weights) {
    Graph graph = new Graph();
    Value sample = graph.input("sample", TensorType.f32(1, 16, 8, unet.config().inChannels()));
    Value timesteps = graph.input("timesteps", TensorType.i32(1));
    Value text = graph.input("text", TensorType.f32(1, 5, unet.config().crossAttentionDim().getFirst()));
    Value out = unet.apply(sample, timesteps, text, null);
    PlanBuilder builder = new PlanBuilder(graph, backend).output(out);
    weights.bind(graph, builder);
    try (Plan plan = builder.build()) {
      fill(plan.buffer(sample).segment(), 1);
      fill(plan.buffer(text).segment(), 2);
      plan.buffer(timesteps).segment().set(ValueLayout.JAVA_INT, 0, 17);
      plan.run();
      return plan.buffer(out).segment().toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static void fill(MemorySegment floats, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < floats.byteSize() / Float.BYTES; i++) {
      floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
  }
}
