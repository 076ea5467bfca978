package kiln.bench.gpu;

import java.util.List;
import kiln.bench.step.StepCase;

/**
 * What one process of a side is to measure, as the JSON file that tells it (see bench/peers/gpu_peer.py).
 *
 * @param step the training step; its batch does not count
 * @param autotune whether each side tries several kernels and takes the fastest
 * @param device the GPU, of those that CUDA_VISIBLE_DEVICES leaves
 * @param microBatches samples of a step, in the order in which they are to be measured; where one does not fit the device, larger
 *     ones are left out
 * @param compile whether PyTorch is to compile its network
 * @param leastSteps timed steps of each at least
 * @param secondsEach about how long the timed steps of each are to take together
 * @param budgetSeconds after which the process begins with no further one
 * @param profile whether Kiln's side tells of every layer's kernels
 * @param productSide rows and columns of the matrices whose product is the measure of all FLOP/s
 * @param copiedBytes of the copy that is measured beside it
 */
record GpuCase(
    StepCase step,
    boolean autotune,
    int device,
    List<Integer> microBatches,
    boolean compile,
    int leastSteps,
    double secondsEach,
    double budgetSeconds,
    boolean profile,
    int productSide,
    long copiedBytes) {
  private static final int LEAST_STEPS = 5;
  private static final double MOST_SECONDS_EACH = 3;
  private static final double SHARE_EACH = 1.0 / 60;

  GpuCase {
    microBatches = List.copyOf(microBatches);
  }

  /** A case with the peaks measured as usual, in a time of {@code seconds} for all sides together. */
  static GpuCase of(
      StepCase step, boolean autotune, int device, List<Integer> microBatches, double seconds, boolean profile) {
    double each = Math.min(MOST_SECONDS_EACH, seconds * SHARE_EACH);
    return new GpuCase(
        step, autotune, device, microBatches, false, LEAST_STEPS, each, seconds, profile, DevicePeaks.PRODUCT_SIDE,
        DevicePeaks.COPIED_BYTES);
  }

  GpuCase within(double seconds) {
    return new GpuCase(
        step, autotune, device, microBatches, compile, leastSteps, secondsEach, seconds, profile, productSide, copiedBytes);
  }

  GpuCase compiled(List<Integer> inThatOrder) {
    return new GpuCase(
        step, autotune, device, inThatOrder, true, leastSteps, secondsEach, budgetSeconds, profile, productSide, copiedBytes);
  }
}
