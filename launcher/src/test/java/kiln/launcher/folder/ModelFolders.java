package kiln.launcher.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter;

/** Makes folders as diffusers and transformers write them, with small weights. */
final class ModelFolders {
  private ModelFolders() {}

  /** A pipeline with the tiny networks of this test's resources, whose weights are a ramp. */
  static Path pipeline(Path folder) {
    write(
        folder.resolve(ModelIndex.FILE),
        """
        {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", "requires_safety_checker": false,
         "feature_extractor": [null, null], "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
         "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "T5EncoderModel"],
         "tokenizer": ["transformers", "ByT5Tokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"]}
        """);
    write(folder.resolve("scheduler/scheduler_config.json"), "{\"_class_name\": \"DDIMScheduler\"}");
    write(folder.resolve("tokenizer/tokenizer_config.json"), "{\"tokenizer_class\": \"ByT5Tokenizer\"}");
    textEncoder(folder.resolve("text_encoder"));
    write(
        folder.resolve("unet/config.json"),
        """
        {"_class_name": "UNet2DConditionModel", "sample_size": 8, "block_out_channels": [8, 8],
         "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
         "layers_per_block": 1, "norm_num_groups": 4, "attention_head_dim": 2, "cross_attention_dim": 16}
        """);
    weights(folder.resolve("unet"), "diffusion_pytorch_model.safetensors");
    write(
        folder.resolve("vae/config.json"),
        """
        {"_class_name": "AutoencoderKL", "sample_size": 16, "block_out_channels": [8, 8], "layers_per_block": 1,
         "norm_num_groups": 4, "latent_channels": 4, "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
         "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"]}
        """);
    weights(folder.resolve("vae"), "diffusion_pytorch_model.safetensors");
    return folder;
  }

  /** A T5 encoder of width 16. */
  static Path textEncoder(Path folder) {
    write(
        folder.resolve("config.json"),
        """
        {"architectures": ["T5EncoderModel"], "model_type": "t5", "vocab_size": 384, "d_model": 16, "d_kv": 8, "d_ff": 32,
         "num_layers": 2, "num_heads": 2, "feed_forward_proj": "gated-gelu", "torch_dtype": "float32"}
        """);
    weights(folder, "model.safetensors");
    return folder;
  }

  /** Weights that fit the network of the folder's config.json. */
  static void weights(Path folder, String file) {
    Component component = ComponentReader.recognise(folder.getFileName().toString(), folder, "");
    List<Parameter> parameters = Networks.parameters(component);
    try (Arena arena = Arena.ofConfined()) {
      List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
      parameters.forEach(p -> tensors.add(ramp(arena, p.name(), p.shape())));
      SafetensorsWriter.write(folder.resolve(file), Map.of("format", "pt"), tensors);
    }
  }

  /** A float32 tensor of exactly representable numbers, from -1 on. */
  static SafetensorsWriter.Tensor ramp(Arena arena, String name, Shape shape) {
    long elements = shape.elements();
    MemorySegment data = arena.allocate(Math.max(1, elements * Float.BYTES), Float.BYTES).asSlice(0, elements * Float.BYTES);
    for (long i = 0; i < elements; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 257 / 128f - 1 + i % 7 / 1024f);
    }
    return new SafetensorsWriter.Tensor(name, SafetensorsType.F32, shape, data);
  }

  static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
