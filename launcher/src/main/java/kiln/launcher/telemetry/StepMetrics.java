package kiln.launcher.telemetry;

import com.fasterxml.jackson.annotation.JsonInclude;
import kiln.launcher.control.SlowestRank;

/**
 * One line of metrics.jsonl: what was measured at one step, over all ranks.
 *
 * @param step the number of updates made so far; a validation at the start has step 0 and no loss
 * @param loss mean over the samples of the step, before the update; absent if that is not finite
 * @param gradNorm L2 norm of the whole gradient before clipping; absent if that is not finite
 * @param learningRate that of the update
 * @param samplesPerSecond over all ranks
 * @param tflops 10^12 floating-point operations of matrix products and convolutions per second, over all ranks
 * @param peakMemory megabytes of resident memory at the highest, or of GPUs' memory if they compute, summed over ranks
 * @param heapBytes bytes that rank 0 has allocated on its Java heap since the step before
 * @param communicationSeconds for which gradients were on their way to other ranks, mean over ranks; absent for one rank
 * @param hiddenShare share of that which backward hid, 0 to 1; absent for one rank
 * @param dataSeconds of the step for which it waited for its samples, mean over ranks: until they were written, copied and in memory
 * @param skipped steps of this process so far that made no update because loss or gradient was not finite; absent while
 *     there are none
 * @param slowest the rank that the others waited for in the last interval of steps; absent where no interval has just ended
 * @param saveSeconds for which training waited after this step because a checkpoint was begun; absent if none was
 * @param validationLoss mean over the validation set, if it was measured after this step
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StepMetrics(
    long step,
    Double loss,
    Double gradNorm,
    Double learningRate,
    Double samplesPerSecond,
    Double tflops,
    Double peakMemory,
    Long heapBytes,
    Double communicationSeconds,
    Double hiddenShare,
    Double dataSeconds,
    Long skipped,
    SlowestRank slowest,
    Double saveSeconds,
    Double validationLoss) {

  /** A measurement without an update. */
  public static StepMetrics validation(long step, double loss) {
    return new StepMetrics(step, null, null, null, null, null, null, null, null, null, null, null, null, null, loss);
  }

  public StepMetrics withValidationLoss(double measured) {
    return with(saveSeconds, measured);
  }

  public StepMetrics withSaveSeconds(double seconds) {
    return with(seconds, validationLoss);
  }

  private StepMetrics with(Double saving, Double validation) {
    return new StepMetrics(
        step,
        loss,
        gradNorm,
        learningRate,
        samplesPerSecond,
        tflops,
        peakMemory,
        heapBytes,
        communicationSeconds,
        hiddenShare,
        dataSeconds,
        skipped,
        slowest,
        saving,
        validation);
  }
}
