package kiln.bench.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bench.scaling.UNetObjective;
import kiln.launcher.checkpoint.CheckpointReader;
import kiln.launcher.checkpoint.CheckpointSaver;
import kiln.launcher.checkpoint.Completion;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.Retention;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.SavedCheckpoint;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.checkpoint.Versions;
import kiln.launcher.parallel.ShardPlan;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.preset.Preset;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.graph.DType;
import kiln.model.layer.ParameterScope;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.Backend;
import kiln.model.train.BatchShape;
import kiln.model.train.MicroBatch;
import kiln.model.train.TrainingState;
import kiln.model.train.TrainingStep;

/** A UNet that is trained by one rank and saved as the trainer saves it. */
final class SavingRun implements AutoCloseable {
  private static final double LEARNING_RATE = 1e-5;
  private static final double EMA_DECAY = 0.999;
  private static final int TOKENS = 128;
  private static final double NANO = 1e-9;

  private final Preset preset;
  private final RunFolder folder;
  private final NetworkFiles unet;
  private final UNetObjective objective;
  private final TrainingState state;
  private final Backend backend = new CpuBackend();
  private final TrainingStep step;
  private final CheckpointSaver saver;
  private final AdamW optimizer = AdamW.standard();
  private final Ema average = Ema.growing(EMA_DECAY);
  private final List<MicroBatch> batches;

  /**
   * @param latent extent of the latents
   */
  SavingRun(Preset preset, int latent, Path out) {
    this.preset = preset;
    this.folder = RunFolder.create(out);
    this.unet = NetworkFiles.diffusers(NetworkFiles.UNET, preset.unet());
    this.objective = new UNetObjective(preset.unet(), DType.F32, new ParameterScope().child(NetworkFiles.UNET));
    this.state = new TrainingState(objective.trained());
    state.initialize(0);
    this.step = new TrainingStep(objective, state, backend);
    this.saver =
        new CheckpointSaver(
            folder, ShardPlan.ofOne(state.table()), 0, List.of(unet), List.of(), true, new Retention(1, 0), true);
    MemorySegment none = MemorySegment.NULL;
    BatchShape shape = new BatchShape(1, latent, latent, TOKENS);
    this.batches = List.of(new MicroBatch(shape, none, none, none, MemorySegment.ofArray(new long[1])));
  }

  RunFolder folder() {
    return folder;
  }

  /** Bytes of what a checkpoint holds of the state. */
  long bytes() {
    return 4 * state.table().bytes();
  }

  /** Takes a step of training; returns its seconds. */
  double step() {
    long start = System.nanoTime();
    step.run(batches, index -> {});
    double norm = GlobalNorm.of(state.gradients());
    optimizer.step(state.regions(), average, state.step() + 1, LEARNING_RATE, GlobalNorm.clipScale(norm, 1));
    state.advance(1);
    return (System.nanoTime() - start) * NANO;
  }

  /** Only counts a step, so that the next checkpoint is another one. */
  void skip() {
    state.advance(1);
  }

  /** Begins a checkpoint; returns the seconds for which training waits. */
  double begin() {
    long start = System.nanoTime();
    TrainingRecord record =
        new TrainingRecord(
            TrainingRecord.VERSION, Versions.here(), preset, 0, state.step(), state.samplesSeen(), 0, 0L,
            new TrainingRecord.DataRecord("none", "none", 1, null), 1, Sharding.NONE, 0);
    saver.begin(state, new Completion(List.of(unet), Map.of(), record));
    return (System.nanoTime() - start) * NANO;
  }

  /** What the trainer does after every step; whether a checkpoint is still under way. */
  boolean advance() {
    saver.advance(saver.isBusy());
    return !saver.isIdle();
  }

  /** Waits until the checkpoint is complete. */
  SavedCheckpoint await() throws InterruptedException {
    while (advance()) {
      Thread.sleep(1);
    }
    return saver.takeSaved().orElseThrow();
  }

  /** Reads a checkpoint into this state. */
  void restore(Path checkpoint) {
    CheckpointReader.restore(checkpoint, List.of(unet), state, TrainingRecord.read(checkpoint));
  }

  @Override
  public void close() {
    saver.close();
    step.close();
    backend.close();
    state.close();
  }
}
