package kiln.launcher.checkpoint;

import java.nio.file.Path;

/**
 * What lies where in a checkpoint.
 *
 * <pre>
 *   RUN/checkpoints/latest                                          names the newest one, for scripts
 *   RUN/checkpoints/step-000123/
 *     model_index.json                                              which makes it a pipeline folder of diffusers
 *     unet/config.json, diffusion_pytorch_model.safetensors         weights, as diffusers
 *     text_encoder/config.json, model.safetensors                   and transformers lay them out
 *     vae/…                                                         trained, or the frozen one that was used
 *     scheduler/scheduler_config.json                               the noise schedule
 *     tokenizer/tokenizer_config.json, special_tokens_map.json      ByT5's, as transformers reads it
 *     ema/unet/…, ema/text_encoder/…                                the same, averaged: what generate draws with
 *     optimizer/exp_avg.safetensors, exp_avg_sq.safetensors         AdamW's two moments of every parameter
 *     training.json                                                 {@link TrainingRecord}
 *     manifest.json                                                 {@link CheckpointManifest}, last: without it this is no checkpoint
 * </pre>
 *
 * <p>Where several ranks write, a set of tensors lies in files {@code STEM-00001-of-00004.safetensors}, one per rank, which {@code
 * STEM.safetensors.index.json} joins; see {@link ShardFiles}.
 */
public final class CheckpointLayout {
  static final String AVERAGE = "ema";
  static final String OPTIMIZER = "optimizer";
  static final String MOMENT1 = "exp_avg";
  static final String MOMENT2 = "exp_avg_sq";

  private CheckpointLayout() {}

  /** Where the files of a trained network lie, averaged or as the last step left them. */
  public static Path network(Path checkpoint, String folder, boolean averaged) {
    return (averaged ? checkpoint.resolve(AVERAGE) : checkpoint).resolve(folder);
  }
}
