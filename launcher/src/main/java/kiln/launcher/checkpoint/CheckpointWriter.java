package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
import kiln.model.train.TrainingState;
import kiln.model.weights.Weights;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes checkpoints, whole or not at all: beside their place, forced to the disk, then renamed.
 *
 * <pre>
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
 * </pre>
 */
public final class CheckpointWriter {
  static final String AVERAGE = "ema";
  static final String OPTIMIZER = "optimizer";
  static final String MOMENT1 = "exp_avg.safetensors";
  static final String MOMENT2 = "exp_avg_sq.safetensors";

  private final RunFolder run;
  private final int keep;

  /**
   * @param keep how many checkpoints stay; older ones are deleted when a new one is complete
   */
  public CheckpointWriter(RunFolder run, int keep) {
    this.run = run;
    this.keep = keep;
  }

  /**
   * Saves what a run is made of now.
   *
   * @return the checkpoint's folder
   * @throws UserException if it cannot be written; earlier checkpoints stay, and nothing of this one
   */
  public Path write(CheckpointContents contents, TrainingRecord record) {
    Path folder = run.checkpoint(record.step());
    if (Files.exists(folder)) {
      return folder; // The same step of the same run holds the same bits.
    }
    Path aside = folder.resolveSibling(folder.getFileName() + RunFolder.ASIDE);
    try {
      DurableFiles.deleteTree(aside);
      Files.createDirectories(aside);
      writeAll(aside, contents, record);
      DurableFiles.forceTree(aside);
      DurableFiles.rename(aside, folder);
      run.prune(keep);
      return folder;
    } catch (IOException e) {
      throw failure(folder, aside, e.getMessage(), e);
    } catch (UserException e) {
      throw failure(folder, aside, e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    }
  }

  private UserException failure(Path folder, Path aside, String reason, Exception cause) {
    try {
      DurableFiles.deleteTree(aside);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    String last = run.latest().map(path -> "the last one is " + path).orElse("there is no earlier one");
    return new UserException("checkpoint " + folder + " cannot be saved (" + reason + "); " + last, cause);
  }

  private void writeAll(Path folder, CheckpointContents contents, TrainingRecord record) throws IOException {
    TrainingState state = contents.state();
    for (NetworkFiles network : contents.networks()) {
      network.write(folder, state.table(), state.weights());
      network.write(folder.resolve(AVERAGE), state.table(), state.average());
    }
    for (FrozenNetwork frozen : contents.frozen()) {
      frozen.write(folder);
    }
    for (Map.Entry<String, ObjectNode> document : contents.documents().entrySet()) {
      Path file = folder.resolve(document.getKey());
      Files.createDirectories(file.getParent());
      DurableFiles.write(file, PresetJson.MAPPER.writeValueAsBytes(document.getValue()));
    }
    Path optimizer = Files.createDirectories(folder.resolve(OPTIMIZER));
    Weights.save(optimizer.resolve(MOMENT1), state.table(), "", state.firstMoment());
    Weights.save(optimizer.resolve(MOMENT2), state.table(), "", state.secondMoment());
    DurableFiles.write(folder.resolve(TrainingRecord.FILE), record.toJson());
  }
}
