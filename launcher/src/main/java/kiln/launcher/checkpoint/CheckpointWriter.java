package kiln.launcher.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
import kiln.model.plan.ParameterTable;
import kiln.model.weights.SafetensorsWriter;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes checkpoints, whole or not at all: beside their place, forced to the disk, then renamed.
 *
 * <pre>
 *   RUN/checkpoints/step-000123/
 *     unet/config.json, diffusion_pytorch_model.safetensors         weights, as diffusers
 *     text_encoder/config.json, model.safetensors                   and transformers lay them out
 *     vae/…                                                         trained, or the frozen one that was used
 *     scheduler/scheduler_config.json                               the noise schedule
 *     ema/unet/…, ema/text_encoder/…                                the same, averaged: what generate draws with
 *     optimizer.safetensors                                         exp_avg.NAME and exp_avg_sq.NAME of every parameter
 *     training.json                                                 {@link TrainingRecord}
 * </pre>
 */
public final class CheckpointWriter {
  static final String AVERAGE = "ema";
  static final String OPTIMIZER = "optimizer.safetensors";
  static final String MOMENT1 = "exp_avg.";
  static final String MOMENT2 = "exp_avg_sq.";
  static final String SCHEDULER = "scheduler";
  static final String SCHEDULER_CONFIG = "scheduler_config.json";

  private final RunFolder run;
  private final CheckpointContents contents;
  private final int keep;

  /**
   * @param keep how many checkpoints stay; older ones are deleted when a new one is complete
   */
  public CheckpointWriter(RunFolder run, CheckpointContents contents, int keep) {
    this.run = run;
    this.contents = contents;
    this.keep = keep;
  }

  /**
   * Saves the present state of the tensors.
   *
   * @return the checkpoint's folder
   * @throws UserException if it cannot be written; earlier checkpoints stay, and nothing of this one
   */
  public Path write(TrainingRecord record) {
    Path folder = run.checkpoint(record.step());
    if (Files.exists(folder)) {
      return folder; // The same step of the same run holds the same bits.
    }
    Path aside = folder.resolveSibling(folder.getFileName() + RunFolder.ASIDE);
    try {
      DurableFiles.deleteTree(aside);
      Files.createDirectories(aside);
      writeAll(aside, record);
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

  private void writeAll(Path folder, TrainingRecord record) throws IOException {
    TrainingTensors tensors = contents.tensors();
    for (NetworkFiles network : contents.networks()) {
      writeNetwork(folder, network, tensors.table(), tensors.weights());
      writeNetwork(folder.resolve(AVERAGE), network, tensors.table(), tensors.average());
    }
    for (CheckpointContents.Frozen frozen : contents.frozen()) {
      writeNetwork(folder, frozen.network(), frozen.table(), frozen.weights());
    }
    if (contents.scheduler() != null) {
      Path scheduler = Files.createDirectories(folder.resolve(SCHEDULER));
      writeJson(scheduler.resolve(SCHEDULER_CONFIG), contents.scheduler());
    }
    List<SafetensorsWriter.Tensor> moments = new ArrayList<>();
    addTensors(moments, MOMENT1, tensors.table(), tensors.moment1());
    addTensors(moments, MOMENT2, tensors.table(), tensors.moment2());
    SafetensorsWriter.write(folder.resolve(OPTIMIZER), Map.of(), moments);
    DurableFiles.write(folder.resolve(TrainingRecord.FILE), record.toJson());
  }

  private static void writeNetwork(Path parent, NetworkFiles network, ParameterTable table, MemorySegment region)
      throws IOException {
    Path folder = Files.createDirectories(parent.resolve(network.folder()));
    writeJson(folder.resolve(NetworkFiles.CONFIG), network.config());
    network.writeWeights(folder, table, region);
  }

  private static void writeJson(Path file, ObjectNode json) throws IOException {
    DurableFiles.write(file, PresetJson.MAPPER.writeValueAsBytes(json));
  }

  private static void addTensors(
      List<SafetensorsWriter.Tensor> tensors, String prefix, ParameterTable table, MemorySegment region) {
    for (ParameterTable.Entry entry : table.entries()) {
      String name = prefix + entry.parameter().name();
      tensors.add(SafetensorsWriter.Tensor.f32(name, entry.parameter().shape(), entry.slice(region)));
    }
  }
}
