package kiln.model.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.model.Golden;
import kiln.model.Tolerances;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.clip.ClipTextConfig;
import kiln.model.network.clip.ClipTextModel;
import kiln.model.network.clip.ClipTextWeightNames;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.t5.T5ForConditionalGeneration;
import kiln.model.network.t5.T5ForConditionalGenerationConfig;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dConfig.ClassEmbedType;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.op.Unary;

/** The networks of the golden files, traced with what the files say of them: outputs and gradients. */
public final class GoldenCases {
  private static final String CLIP = "golden-clip";
  private static final String NORM_BEFORE_SILU = "conv_norm_out";

  private GoldenCases() {}

  /** Traces a network in a type. */
  @FunctionalInterface
  public interface Traced {
    GoldenNetwork in(DType compute);
  }

  /**
   * A network with some inputs.
   *
   * @param name as in {@code unet_sd21.a}
   * @param trace the graph; with bfloat16 only what the network computes is in that type
   * @param bounds its bounds in float32
   * @param key of its bounds
   */
  public record Case(String name, Traced trace, Tolerances bounds, String key) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** All networks, forward and backward. */
  public static List<Case> all() {
    Tolerances bounds = Golden.tolerances();
    Tolerances clip = Golden.tolerances(Golden.peer(CLIP));
    return List.of(
        new Case("unet_sd21.a", compute -> unet("a", compute), bounds, "unet_sd21.a"),
        new Case("unet_sd21.b", compute -> unet("b", compute), bounds, "unet_sd21.b"),
        new Case("unet_uncond", compute -> plainUnet("unet_uncond", "a", compute), bounds, "unet_uncond"),
        new Case("unet_class", compute -> plainUnet("unet_class", "a", compute), bounds, "unet_class"),
        new Case("vae", GoldenCases::vae, bounds, "vae"),
        new Case("byt5_encoder.masked", GoldenCases::maskedEncoder, bounds, "byt5_encoder"),
        new Case("byt5_encoder.unmasked", GoldenCases::unmaskedEncoder, bounds, "byt5_encoder"),
        new Case("t5_seq2seq", GoldenCases::seq2seq, bounds, "t5_seq2seq"),
        new Case("clip.gelu", compute -> clip("gelu", compute), clip, "gelu"),
        new Case("clip.quick_gelu", compute -> clip("quick_gelu", compute), clip, "quick_gelu"));
  }

  private static Value wide(Value value) {
    return Ops.cast(value, DType.F32);
  }

  /**
   * @param name of the case in the folder
   */
  public static GoldenNetwork unet(String name, DType compute) {
    UNet2dConditionConfig config = UNet2dConditionConfig.read(Golden.path("unet_sd21/config.json"));
    UNet2dConditionModel unet = new UNet2dConditionModel(config, new ParameterScope());
    GoldenNetwork golden = new GoldenNetwork("unet_sd21", unet.parameters());
    Value sample = golden.floats(name + ".sample");
    Value text = golden.floats(name + ".encoder_hidden_states");
    Value timesteps = golden.ints(name + ".timesteps");
    Value out = wide(unet.apply(Ops.cast(sample, compute), timesteps, Ops.cast(text, compute), null));
    if (compute == DType.F32) {
      expectActivations(golden, name + ".act.");
    }
    golden.expect(name + ".out", out);
    Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats(name + ".R")));
    golden.expectGradients(name + ".grad.", loss, Map.of("sample", sample, "encoder_hidden_states", text));
    return golden;
  }

  /** All but that of the last norm, which is one operation with the SiLU after it. */
  private static void expectActivations(GoldenNetwork golden, String prefix) {
    for (String tensor : golden.names()) {
      if (tensor.startsWith(prefix) && !tensor.equals(prefix + NORM_BEFORE_SILU)) {
        golden.expect(tensor, golden.outputOf(tensor.substring(prefix.length())));
      }
    }
  }

  /** A UNet without text. */
  public static GoldenNetwork plainUnet(String folder, String name, DType compute) {
    UNet2dConfig config = UNet2dConfig.read(Golden.path(folder + "/config.json"));
    UNet2dModel unet = new UNet2dModel(config, new ParameterScope());
    GoldenNetwork golden = new GoldenNetwork(folder, unet.parameters());
    Value sample = golden.floats(name + ".sample");
    boolean classes = config.classEmbedType() != ClassEmbedType.NONE;
    Value labels = classes ? golden.ints(name + ".class_labels") : null;
    Value out = wide(unet.apply(Ops.cast(sample, compute), golden.ints(name + ".timesteps"), labels));
    golden.expect(name + ".out", out);
    Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats(name + ".R")));
    golden.expectGradients(name + ".grad.", loss, Map.of("sample", sample));
    return golden;
  }

  public static GoldenNetwork vae(DType compute) {
    AutoencoderKlConfig config = AutoencoderKlConfig.read(Golden.path("vae/config.json"));
    AutoencoderKl vae = new AutoencoderKl(config, new ParameterScope());
    float klWeight = (float) Golden.json("vae/data.json").required("kl_weight").doubleValue();
    GoldenNetwork golden = new GoldenNetwork("vae", vae.parameters());
    Value image = golden.floats("image");
    Moments moments = vae.encode(Ops.cast(image, compute));
    golden.expect("out.moments", wide(golden.outputOf(config.useQuantConv() ? "quant_conv" : "encoder")));
    golden.expect("out.mean", moments.mean());
    golden.expect("out.logvar", moments.logvar());
    golden.expect("out.std", moments.std());
    Value z = moments.sample(golden.floats("noise"));
    golden.expect("out.z", z);
    golden.expect("out.scaled_latents", Ops.scale(z, (float) config.scalingFactor()));
    Value recon = wide(vae.decode(Ops.cast(z, compute)));
    golden.expect("out.recon", recon);
    golden.expect("out.decoded_mean", wide(vae.decode(Ops.cast(moments.mean(), compute))));
    Value mse = mean(Ops.unary(Unary.Function.SQUARE, Ops.sub(recon, image)));
    golden.expect("out.mse", mse);
    golden.expect("out.kl", moments.kl());
    Value loss = Ops.add(mse, Ops.scale(mean(moments.kl()), klWeight));
    golden.expect("out.loss", loss);
    golden.expectGradients("grad.", loss, Map.of("image", image));
    return golden;
  }

  private static Value mean(Value x) {
    return Ops.scale(GoldenNetwork.sum(x), 1f / x.shape().elements());
  }

  private static T5Encoder encoder() {
    return new T5Encoder(T5Config.read(Golden.path("byt5_encoder/config.json")), new ParameterScope());
  }

  /** Captions of several lengths. */
  public static GoldenNetwork maskedEncoder(DType compute) {
    T5Encoder encoder = encoder();
    GoldenNetwork golden = new GoldenNetwork("byt5_encoder", encoder.parameters());
    Value mask = golden.ints("attention_mask");
    Value embeddings = encoder.embed(golden.ints("input_ids"));
    Value out = wide(encoder.encode(Ops.cast(embeddings, compute), mask));
    golden.expect("out.last_hidden_state.masked", out);
    Shape rows = Shape.of(mask.shape().dim(0), mask.shape().dim(1), 1);
    Value keep = Ops.reshape(Ops.affine(mask, 1, 0), rows);
    Value loss = GoldenNetwork.sum(Ops.mul(Ops.mul(out, golden.floats("R")), keep));
    golden.expect("out.loss.masked", loss);
    golden.expectGradients("grad.", loss, Map.of("inputs_embeds", embeddings));
    return golden;
  }

  /** The same, with padding read as text. */
  public static GoldenNetwork unmaskedEncoder(DType compute) {
    T5Encoder encoder = encoder();
    GoldenNetwork golden = new GoldenNetwork("byt5_encoder", encoder.parameters());
    Value out = wide(encoder.apply(golden.ints("input_ids"), null, compute));
    golden.expect("out.last_hidden_state.unmasked", out);
    Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats("R")));
    golden.expect("out.loss.unmasked", loss);
    golden.expectGradients("unmasked.grad.", loss, Map.of());
    return golden;
  }

  /** Computes in float32 only. */
  public static GoldenNetwork seq2seq(DType compute) {
    requireFloat32(compute);
    Path config = Golden.path("t5_seq2seq/config.json");
    T5ForConditionalGeneration model =
        new T5ForConditionalGeneration(T5ForConditionalGenerationConfig.read(config), new ParameterScope());
    GoldenNetwork golden = new GoldenNetwork("t5_seq2seq", model.parameters());
    Value mask = golden.ints("attention_mask");
    Value encoded = model.encode(golden.ints("input_ids"), mask);
    golden.expect("out.encoder_last_hidden_state", encoded);
    Value logits = model.decode(encoded, mask, golden.ints("decoder_input_ids"));
    golden.expect("out.logits", logits);
    Value loss = T5ForConditionalGeneration.loss(logits, golden.ints("labels"));
    golden.expect("out.loss", loss);
    golden.expectGradients("grad.", loss, Map.of());
    return golden;
  }

  private static void requireFloat32(DType compute) {
    if (compute != DType.F32) {
      throw new IllegalArgumentException("computes in float32 only, not in " + compute);
    }
  }

  public static GoldenNetwork clip(String name, DType compute) {
    Path folder = Golden.peer(CLIP).resolve(name);
    ClipTextModel model = new ClipTextModel(ClipTextConfig.read(folder.resolve("config.json")), new ParameterScope());
    GoldenNetwork golden = new GoldenNetwork(folder, model.parameters(), new ClipTextWeightNames());
    Value embeddings = model.embed(golden.ints("input_ids"));
    Value out = wide(model.encode(Ops.cast(embeddings, compute)));
    golden.expect("out.last_hidden_state", out);
    Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats("R")));
    golden.expect("out.loss", loss);
    golden.expectGradients("grad.", loss, Map.of("inputs_embeds", embeddings));
    return golden;
  }
}
