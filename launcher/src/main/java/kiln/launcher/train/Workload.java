package kiln.launcher.train;

import java.util.List;
import kiln.launcher.checkpoint.Completion;
import kiln.launcher.checkpoint.FrozenNetwork;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.model.diffusion.SampleContents;
import kiln.model.plan.Backend;
import kiln.model.train.Objective;
import kiln.model.train.TrainingState;

/** The networks of a preset, the loss that is minimised, and how they are laid out on disk. */
interface Workload extends AutoCloseable {
  /**
   * Random numbers of validation have a seed of their own, the same in every run: the losses of two runs can be compared.
   */
  long VALIDATION_SEED = 0x5641_4C49_4441_5445L;

  /** What is minimised. */
  Objective training();

  /** The same with nothing dropped and the noise of {@link #VALIDATION_SEED}. */
  Objective validation();

  /** Bytes of the weights that stay as they are and that the loss reads. */
  long frozenBytes();

  /** The networks that are trained; their parameters are those of {@link #training}. */
  List<NetworkFiles> networks();

  /** Networks that are used as they are, and that every checkpoint takes along, so that it is all that drawing needs. */
  List<FrozenNetwork> frozen();

  /** Whether {@link #completion} reads the whole moving average. */
  boolean measuresAverage();

  /**
   * What is added to the tensors of {@code state} in a checkpoint.
   *
   * @param samples on which what is measured for the checkpoint is measured
   */
  Completion completion(TrainingState state, TrainingRecord record, Backend backend, ValidationSet samples);

  @Override
  void close();

  /**
   * The workload of a job.
   *
   * @param captionLength tokens of the longest captions in the data
   * @param contents what its samples hold
   */
  static Workload of(TrainJob job, int captionLength, SampleContents contents) {
    return switch (job.preset().objective()) {
      case VAE -> new VaeWorkload(job);
      case DIFFUSION -> new DiffusionWorkload(job, captionLength, contents);
    };
  }
}
