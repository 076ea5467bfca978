package kiln.launcher.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
import kiln.model.train.StatePart;
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

  /** In which parts are made whole: all ranks take part. */
  private static final List<StatePart> ORDER =
      List.of(StatePart.AVERAGE, StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT);

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
   * Saves what a run is made of now, on rank 0, while others {@link #join}. Parts of the state are made whole one at a time.
   *
   * @param contents asked for while the average is whole
   * @return the checkpoint's folder
   * @throws UserException if it cannot be written; earlier checkpoints stay, and nothing of this one
   */
  public Path write(Supplier<CheckpointContents> contents, TrainingRecord record, WholeParts parts) {
    Path folder = run.checkpoint(record.step());
    if (Files.exists(folder)) {
      join(parts);
      return folder; // The same step of the same run holds the same bits.
    }
    Path aside = folder.resolveSibling(folder.getFileName() + RunFolder.ASIDE);
    try {
      DurableFiles.deleteTree(aside);
      Files.createDirectories(aside);
      writeAll(aside, contents, record, parts);
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

  /** Takes part, on ranks other than 0, in the making of a checkpoint. */
  public static void join(WholeParts parts) {
    try {
      for (StatePart part : ORDER) {
        parts.whole(part, () -> null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeAll(Path folder, Supplier<CheckpointContents> source, TrainingRecord record, WholeParts parts)
      throws IOException {
    CheckpointContents contents = parts.whole(ORDER.get(0), () -> writeAverage(folder, source.get()));
    TrainingState state = contents.state();
    parts.whole(ORDER.get(1), () -> writeNetworks(folder, contents, state.weights()));
    for (FrozenNetwork frozen : contents.frozen()) {
      frozen.write(folder);
    }
    for (Map.Entry<String, ObjectNode> document : contents.documents().entrySet()) {
      Path file = folder.resolve(document.getKey());
      Files.createDirectories(file.getParent());
      DurableFiles.write(file, PresetJson.MAPPER.writeValueAsBytes(document.getValue()));
    }
    Path optimizer = Files.createDirectories(folder.resolve(OPTIMIZER));
    parts.whole(ORDER.get(2), () -> writeMoment(optimizer.resolve(MOMENT1), state, state.firstMoment()));
    parts.whole(ORDER.get(3), () -> writeMoment(optimizer.resolve(MOMENT2), state, state.secondMoment()));
    DurableFiles.write(folder.resolve(TrainingRecord.FILE), record.toJson());
  }

  private static CheckpointContents writeAverage(Path folder, CheckpointContents contents) throws IOException {
    return writeNetworks(folder.resolve(AVERAGE), contents, contents.state().average());
  }

  private static CheckpointContents writeNetworks(Path folder, CheckpointContents contents, MemorySegment region)
      throws IOException {
    for (NetworkFiles network : contents.networks()) {
      network.write(folder, contents.state().table(), region);
    }
    return contents;
  }

  private static Path writeMoment(Path file, TrainingState state, MemorySegment moment) {
    Weights.save(file, state.table(), "", moment);
    return file;
  }
}
