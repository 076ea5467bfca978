package kiln.bench.scaling;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What ranks measured; seconds are medians over the timed steps. Computing, waiting and communication are those of the rank that
 * waited the least in a step: it ended its backward pass last, so that it waited for the network alone, and others for it.
 *
 * @param step the whole step, on rank 0
 * @param computing forward and backward
 * @param waiting for gradients after backward
 * @param updating norm, totals and optimizer
 * @param communication for which gradients were under way
 * @param latency α of the all-reduce, seconds; 0 for one rank
 * @param bandwidth β of the all-reduce, bytes per second; 0 for one rank
 * @param bucketBytes size of buckets
 * @param gradientBytes of all gradients
 * @param forward seconds of the last micro-batch's forward pass, that is, until the first gradient is final
 * @param backward of each gradient in the order in which they become final: seconds since the first
 * @param bytes of each gradient in that order
 */
record StepTimes(
    @JsonProperty("step") double step,
    @JsonProperty("computing") double computing,
    @JsonProperty("waiting") double waiting,
    @JsonProperty("updating") double updating,
    @JsonProperty("communication") double communication,
    @JsonProperty("latency") double latency,
    @JsonProperty("bandwidth") double bandwidth,
    @JsonProperty("bucket_bytes") long bucketBytes,
    @JsonProperty("gradient_bytes") long gradientBytes,
    @JsonProperty("forward") double forward,
    @JsonProperty("backward") double[] backward,
    @JsonProperty("bytes") long[] bytes) {

  /** Share of the communication that was hidden behind backward, 0 to 1. */
  double hidden() {
    return communication == 0 ? 1 : Math.max(0, 1 - waiting / communication);
  }
}
