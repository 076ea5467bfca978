package kiln.bench.step;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What one process of one side prints.
 *
 * @param firstSeconds of the run before the timed ones, which touches memory, chooses kernels and compiles
 * @param seconds of every timed run
 * @param parameters of the networks
 * @param flops of one forward pass, products and convolutions only
 * @param totalFlops of one timed run; null if the side does not count them
 * @param peakBytes most resident memory of the process
 * @param heapBytes allocated on the Java heap by a run, the least of all timed ones; null if the side has no such heap
 */
record Outcome(
    @JsonProperty("first_seconds") double firstSeconds,
    @JsonProperty("seconds") List<Double> seconds,
    @JsonProperty("parameters") long parameters,
    @JsonProperty("flops") long flops,
    @JsonProperty("total_flops") Long totalFlops,
    @JsonProperty("peak_bytes") long peakBytes,
    @JsonProperty("heap_bytes") Long heapBytes) {}
