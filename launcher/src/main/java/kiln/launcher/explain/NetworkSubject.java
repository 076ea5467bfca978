package kiln.launcher.explain;

import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.launcher.explain.Shapes.Extent;
import kiln.launcher.explain.Subject.MemoryPart;
import kiln.launcher.preset.NetworkCatalog;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.TextEncoder;
import kiln.model.network.clip.ClipTextConfig;
import kiln.model.network.clip.ClipTextModel;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.t5.T5ForConditionalGeneration;
import kiln.model.network.t5.T5ForConditionalGenerationConfig;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.PlanBuilder;
import kiln.model.plan.PlanOutline;

/** One forward pass of a published network. */
final class NetworkSubject {
  private static final int TIME_IDS = 6; // of Stable Diffusion XL
  private static final int TEXT_SIZE = 1; // texts have no height and width

  private final NetworkCatalog.Network network;
  private final Shapes shapes;
  private final Planner planner;
  private final Graph graph = new Graph();
  private final ParameterScope scope = new ParameterScope();

  private NetworkSubject(NetworkCatalog.Network network, Shapes shapes, Planner planner) {
    this.network = network;
    this.shapes = shapes;
    this.planner = planner;
  }

  /**
   * @throws UserException if the shapes do not fit
   */
  static Subject of(NetworkCatalog.Network network, Shapes shapes, Planner planner) {
    return new NetworkSubject(network, shapes, planner).explain();
  }

  /** What was traced, and the shapes in words. */
  private record Traced(Value result, List<Parameter> parameters, String shapes) {}

  private Subject explain() {
    ConfigReader config = new ConfigReader(network.name(), network.config());
    Traced traced =
        switch (network.className()) {
          case "UNet2DConditionModel" -> unet(new UNet2dConditionModel(UNet2dConditionConfig.read(config), scope));
          case "UNet2DModel" -> unet(new UNet2dModel(UNet2dConfig.read(config), scope));
          case "AutoencoderKL" -> autoencoder(new AutoencoderKl(AutoencoderKlConfig.read(config), scope));
          case "T5EncoderModel" -> text(new T5Encoder(T5Config.read(config), scope));
          case "CLIPTextModel" -> text(new ClipTextModel(ClipTextConfig.read(config), scope));
          case "T5ForConditionalGeneration" ->
              text(new T5ForConditionalGeneration(T5ForConditionalGenerationConfig.read(config), scope));
          default -> throw new IllegalStateException(network.className());
        };
    ParameterTable table = new ParameterTable(traced.parameters);
    String description =
        String.format(
            Locale.ROOT, "forward of network %s (%s), %,d parameters: batch %d, %s, %s", network.name(), network.className(),
            table.numParameters(), batch(), traced.shapes, Subject.name(shapes.compute()));
    try (Backend backend = planner.open().get()) {
      PlanBuilder builder = new PlanBuilder(graph, backend).output(traced.result);
      graph.parameters().values().forEach(builder::constant);
      PlanOutline outline = builder.outline();
      List<MemoryPart> state = List.of(MemoryPart.frozen("weights", table.bytes(), outline, shapes.compute(), planner));
      return new Subject(description, graph, traced.result, outline, state, shapes.compute(), 0, 1, List.of());
    }
  }

  private int batch() {
    return shapes.batch(1);
  }

  private int sampleSize() {
    return network.config().get("sample_size").intValue();
  }

  /** Float32 as the caller gives it, then of the precision that the network computes in. */
  private Value input(String name, TensorType type) {
    return Ops.cast(graph.input(name, type), shapes.compute());
  }

  private Value wide(Value value) {
    return Ops.cast(value, DType.F32);
  }

  private Traced unet(UNet2dConditionModel unet) {
    UNet2dConditionConfig config = unet.config();
    Extent extent = shapes.input(sampleSize());
    int n = batch();
    int tokens = shapes.tokens(Integer.MAX_VALUE);
    Value x = input("latents", TensorType.f32(n, extent.height(), extent.width(), config.inChannels()));
    Value t = graph.input("timesteps", TensorType.f32(n));
    Value text = input("text", TensorType.f32(n, tokens, config.crossAttentionDim().getFirst()));
    Value result =
        config.addition() == null
            ? unet.apply(x, t, text, null)
            : unet.apply(
                x, t, text, null, graph.input("text embeds", TensorType.f32(n, config.addition().textWidth(TIME_IDS))),
                graph.input("time ids", TensorType.f32(n, TIME_IDS)));
    return new Traced(wide(result), unet.parameters(), "latents " + extent + ", captions of " + tokens + " tokens");
  }

  private Traced unet(UNet2dModel unet) {
    UNet2dConfig config = unet.config();
    Extent extent = shapes.input(sampleSize());
    int n = batch();
    Value x = input("pictures", TensorType.f32(n, extent.height(), extent.width(), config.inChannels()));
    Value t = graph.input("timesteps", TensorType.f32(n));
    Value classes =
        switch (config.classEmbedType()) {
          case NONE -> null;
          case TABLE, TIMESTEP -> graph.input("classes", TensorType.i32(n));
          case IDENTITY -> graph.input("classes", TensorType.f32(n, config.timeEmbeddingDim()));
        };
    return new Traced(wide(unet.apply(x, t, classes)), unet.parameters(), "pictures " + extent);
  }

  private Traced autoencoder(AutoencoderKl vae) {
    int factor = 1 << (vae.config().blockOutChannels().size() - 1);
    Extent extent = shapes.pixels(sampleSize(), factor);
    Value x = input("pictures", TensorType.f32(batch(), extent.height(), extent.width(), vae.config().inChannels()));
    Value result = wide(vae.decode(Ops.cast(vae.encode(x).mean(), shapes.compute())));
    return new Traced(result, vae.parameters(), "pictures " + extent + " encoded and decoded");
  }

  private Traced text(TextEncoder encoder) {
    int tokens = textTokens(encoder.maxTokens());
    TensorType type = TensorType.i32(batch(), tokens);
    Value result = wide(encoder.apply(graph.input("ids", type), graph.input("mask", type), shapes.compute()));
    return new Traced(result, encoder.parameters(), "texts of " + tokens + " tokens");
  }

  private Traced text(T5ForConditionalGeneration network) {
    if (shapes.compute() != DType.F32) {
      throw new UserException("option --precision: expected fp32 for a network that writes text, found bf16");
    }
    int tokens = textTokens(Integer.MAX_VALUE);
    TensorType type = TensorType.i32(batch(), tokens);
    Value mask = graph.input("mask", type);
    Value encoded = network.encode(graph.input("ids", type), mask);
    Value logits = network.decode(encoded, mask, graph.input("decoder ids", type));
    return new Traced(logits, network.parameters(), "texts of " + tokens + " tokens, read and written");
  }

  private int textTokens(int most) {
    if (!shapes.input(TEXT_SIZE).equals(new Extent(TEXT_SIZE, TEXT_SIZE))) {
      throw new UserException("option --size: expected none for a network that reads text, found " + shapes.input(TEXT_SIZE));
    }
    return shapes.tokens(most);
  }
}
