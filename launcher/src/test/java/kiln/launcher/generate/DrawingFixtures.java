package kiln.launcher.generate;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.model.Golden;

/** Commands that draw with tiny models, and pictures to draw from. */
final class DrawingFixtures {
  private DrawingFixtures() {}

  /** Draws with {@code model} in four steps. */
  static Outcome generate(Path model, Path out, String... more) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("generate", "--checkpoint", model.toString(), "--steps", "4", "--out", out.toString()));
    command.addAll(Arrays.asList(more));
    return KilnProcess.runHere(command.toArray(String[]::new));
  }

  /** The folder of a pipeline as diffusers lays it: the raw weights of the finished run. */
  static Path pipelineFolder(Path folder) throws IOException {
    Path checkpoint = TinyRuns.finished().resolve("checkpoints/step-000012");
    Files.createDirectories(folder);
    for (String part : List.of("unet", "text_encoder", "vae", "scheduler")) {
      TinyRuns.copy(checkpoint.resolve(part), folder.resolve(part));
    }
    Files.writeString(
        folder.resolve("model_index.json"),
        """
        {"_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", "DDIMScheduler"],
         "text_encoder": ["transformers", "T5EncoderModel"], "unet": ["diffusers", "UNet2DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"], "safety_checker": [null, null]}
        """);
    return folder;
  }

  /** A pipeline folder around a golden UNet2DModel. */
  static Path pixelFolder(Path folder, String golden) throws IOException {
    Path from = Golden.folder(golden);
    Files.createDirectories(folder.resolve("unet"));
    Files.createDirectories(folder.resolve("scheduler"));
    for (String file : List.of("config.json", "diffusion_pytorch_model.safetensors")) {
      Files.copy(from.resolve(file), folder.resolve("unet").resolve(file));
    }
    Files.writeString(
        folder.resolve("scheduler/scheduler_config.json"), "{\"_class_name\": \"DDPMScheduler\", \"clip_sample\": true}");
    Files.writeString(
        folder.resolve("model_index.json"),
        """
        {"_class_name": "DDPMPipeline", "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"]}
        """);
    return folder;
  }

  /** A picture of many colours. */
  static BufferedImage colours(int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, 0x010305 * (7 * y + 3 * x + x * y));
      }
    }
    return image;
  }

  /** Black, and white from column {@code from} on. */
  static BufferedImage mask(int height, int width, int from) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < height; y++) {
      for (int x = from; x < width; x++) {
        image.setRGB(x, y, 0xFFFFFF);
      }
    }
    return image;
  }

  static Path write(Path file, BufferedImage image) throws IOException {
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  static BufferedImage read(Path file) throws IOException {
    return ImageIO.read(file.toFile());
  }
}
