package kiln.bench.gpu;

import java.util.List;

/**
 * What a side says of one micro-batch, or why it says nothing.
 *
 * @param microBatch samples of a step
 * @param firstSeconds from the beginning to the end of the first step: making plans or compiling, choosing kernels
 * @param seconds of each timed step, from one's end to the next one's
 * @param peakBytes most that tensors and scratch had at once: regions of Kiln's pool; torch.cuda.max_memory_allocated
 * @param reservedBytes what the process's allocator had of the device for that: Kiln's pool; torch.cuda.max_memory_reserved
 * @param cardBytes of the device that were taken at the end, by anybody: with the process's context and libraries
 * @param kernelSeconds sum over the kernels of a step, each between events of the device; Kiln's side only
 * @param launches as many operations; Kiln's side only
 * @param kernels what took that time; only if asked for
 * @param refused why it was not measured; null if it was
 */
record GpuOutcome(
    int microBatch,
    Double firstSeconds,
    List<Double> seconds,
    Long peakBytes,
    Long reservedBytes,
    Long cardBytes,
    Double kernelSeconds,
    Integer launches,
    List<KernelRow> kernels,
    String refused) {
  static GpuOutcome refused(int microBatch, String why) {
    return new GpuOutcome(microBatch, null, null, null, null, null, null, null, null, why);
  }

  boolean measured() {
    return refused == null;
  }

  /** Of a step. */
  double median() {
    List<Double> ascending = seconds.stream().sorted().toList();
    int n = ascending.size();
    return (ascending.get((n - 1) / 2) + ascending.get(n / 2)) / 2;
  }

  double imagesPerSecond() {
    return microBatch / median();
  }

  /** Share of a step in which no kernel ran; null if nobody knows. */
  Double idle() {
    return kernelSeconds == null ? null : 1 - kernelSeconds / median();
  }
}
