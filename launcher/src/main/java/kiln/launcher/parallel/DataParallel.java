package kiln.launcher.parallel;

import kiln.collectives.BucketStatistics;
import kiln.collectives.GradientBuckets;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.plan.Residency;
import kiln.model.train.GradientSink;
import kiln.model.train.StatePart;
import kiln.model.train.StepDivision;

/**
 * What ranks do together in a training step, whatever each of them keeps: gradients are joined while backward runs, then their
 * norm is known to all, then every rank updates what it keeps and gets what others have updated.
 *
 * <p>A step is {@link #begin}, forward and backward, {@link #await}, {@link #gradientNorm}, {@link #update}. To leave out the
 * update, on all ranks, skips the step: weights, moments and average stay as they are.
 */
public interface DataParallel extends WholeParts, AutoCloseable {
  /** What is divided among ranks. */
  ShardMode mode();

  /** What the training step's plans must heed. */
  StepDivision division();

  /** What brings a part of the state to plans that read it; null if it is always there. */
  Residency residency(StatePart part);

  /** Begins a step; what is returned hears of gradients during its backward passes. */
  GradientSink begin();

  /**
   * Collective: returns when gradients are averages over all ranks.
   *
   * @throws kiln.collectives.CollectiveException if the reduction failed
   */
  void await();

  /** Collective: the L2 norm over all gradients together, the same bits on every rank; maybe not a finite number. */
  double gradientNorm();

  /**
   * Collective: takes a step of the optimizer and moves the average; every rank can go on to compute when it returns.
   *
   * @param step number of this update, counted from 1
   * @param gradientScale what gradients are multiplied by first
   */
  void update(AdamW optimizer, Ema average, long step, double learningRate, double gradientScale);

  /** Tells {@code hearer} of every bucket from now on, when it is waited for; null to stop. */
  void listen(GradientBuckets.Listener hearer);

  /** What has been reduced since construction. */
  BucketStatistics statistics();

  /** Waits for what is under way, whether it fails or not. The communicator and the state stay open. */
  @Override
  void close();
}
