package kiln.launcher.generate;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.data.text.ByT5Tokenizer;
import kiln.launcher.checkpoint.CheckpointReader;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.preset.Preset;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.diffusion.DrawingSettings;
import kiln.model.diffusion.LatentDiffusionPipeline;
import kiln.model.diffusion.Prompts;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.train.BoundParameters;

/** Draws captions with the networks of a checkpoint. */
final class Painter implements AutoCloseable {
  /** Pictures drawn at once: enough to fill the kernels, few enough for any machine's memory. */
  private static final int BATCH = 18;

  /** Caption lengths are rounded up to this, so that few plans are made. */
  private static final int CAPTION_STEP = 16;

  private final Region region;
  private final Backend backend = new CpuBackend();
  private final LatentDiffusionPipeline pipeline;
  private final int side;

  private Painter(Path checkpoint, boolean averaged) {
    Path unetFolder = CheckpointReader.network(checkpoint, NetworkFiles.UNET, averaged);
    Path textFolder = CheckpointReader.network(checkpoint, NetworkFiles.TEXT_ENCODER, averaged);
    Path vaeFolder = CheckpointReader.network(checkpoint, NetworkFiles.VAE, false);
    UNet2dConditionModel unet =
        new UNet2dConditionModel(UNet2dConditionConfig.read(config(unetFolder)), scope(NetworkFiles.UNET));
    T5Encoder textEncoder = new T5Encoder(T5Config.read(config(textFolder)), scope(NetworkFiles.TEXT_ENCODER));
    AutoencoderKl vae = new AutoencoderKl(AutoencoderKlConfig.read(config(vaeFolder)), scope(NetworkFiles.VAE));

    List<Parameter> parameters = new ArrayList<>(unet.parameters());
    parameters.addAll(textEncoder.parameters());
    parameters.addAll(vae.parameters());
    ParameterTable table = new ParameterTable(parameters);
    region = Region.allocate("weights", table.bytes());
    NetworkFiles.read(unetFolder, NetworkFiles.UNET, table, region.segment());
    NetworkFiles.read(textFolder, NetworkFiles.TEXT_ENCODER, table, region.segment());
    NetworkFiles.read(vaeFolder, NetworkFiles.VAE, table, region.segment());

    side = unet.config().sampleSize() * vae.config().reduction();
    pipeline =
        new LatentDiffusionPipeline(
            unet,
            textEncoder,
            vae,
            SchedulerConfig.read(CheckpointReader.scheduler(checkpoint)),
            List.of(new BoundParameters(table, region.segment())),
            backend);
  }

  /**
   * @param checkpoint of a diffusion preset
   * @param averaged whether to draw with the moving average of the weights, or with those of the last step
   * @throws UserException if the checkpoint is of another kind or damaged
   */
  static Painter open(Path checkpoint, boolean averaged) {
    Preset preset = TrainingRecord.read(checkpoint).preset();
    if (preset.objective() != Preset.ObjectiveKind.DIFFUSION) {
      throw new UserException("checkpoint " + checkpoint + ": expected a diffusion model, found preset " + preset.name());
    }
    return new Painter(checkpoint, averaged);
  }

  private static Path config(Path folder) {
    return folder.resolve(NetworkFiles.CONFIG);
  }

  private static ParameterScope scope(String name) {
    return new ParameterScope().child(name);
  }

  /** Height and width of the pictures that the networks were trained on. */
  int side() {
    return side;
  }

  /**
   * Draws one picture per caption; picture {@code i} starts from the noise of number {@code i}, however many there are.
   *
   * @throws UserException if the size is none that the networks can draw
   */
  List<Drawing> draw(List<String> captions, int height, int width, DrawingSettings settings) {
    List<Drawing> drawings = new ArrayList<>();
    int length = captionLength(captions);
    int bytes = 3 * height * width;
    for (int first = 0; first < captions.size(); first += BATCH) {
      List<String> part = captions.subList(first, Math.min(captions.size(), first + BATCH));
      byte[] all = pipeline.draw(prompts(part, length, height, width, first), settings);
      for (int i = 0; i < part.size(); i++) {
        byte[] rgb = Arrays.copyOfRange(all, i * bytes, (i + 1) * bytes);
        drawings.add(new Drawing(part.get(i), Drawing.image(rgb, height, width)));
      }
    }
    return drawings;
  }

  private static int captionLength(List<String> captions) {
    int longest = captions.stream().mapToInt(c -> c.getBytes(StandardCharsets.UTF_8).length + 1).max().orElse(1);
    return Math.ceilDiv(longest, CAPTION_STEP) * CAPTION_STEP;
  }

  private static Prompts prompts(List<String> captions, int length, int height, int width, int first) {
    int[] ids = new int[captions.size() * length];
    int[] mask = new int[ids.length];
    for (int i = 0; i < captions.size(); i++) {
      int[] row = ByT5Tokenizer.encodePadded(captions.get(i), length);
      System.arraycopy(row, 0, ids, i * length, length);
      System.arraycopy(ByT5Tokenizer.mask(row), 0, mask, i * length, length);
    }
    return new Prompts(captions.size(), length, ids, mask, height, width, first);
  }

  @Override
  public void close() {
    pipeline.close();
    backend.close();
    region.close();
  }
}
