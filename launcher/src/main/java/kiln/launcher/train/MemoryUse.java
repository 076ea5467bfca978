package kiln.launcher.train;

import java.util.Locale;
import kiln.model.pass.Remat;

/**
 * The memory of one rank, in bytes, as far as it is known before training begins.
 *
 * @param remat what is computed once more
 * @param rounding whether kernels round weights themselves, where a copy of the weights in bfloat16 would save them that
 * @param state weights, gradients, moments and average, and the weights of networks that stay as they are
 * @param training plans of the training step, one per shape of the data: activations, and what kernels need beside them
 * @param validation plans of the validation loss
 * @param process the Java heap at its largest, and {@link #PROCESS} for code, stacks and what libraries take
 */
record MemoryUse(Remat remat, boolean rounding, long state, long training, long validation, long process) {
  /** The Java machine and the libraries beside the heap: somewhat more than the 200 MB that runs of the presets took. */
  static final long PROCESS = 250_000_000;

  private static final double GIGA = 1e9;

  long total() {
    return state + training + validation + process;
  }

  /** What is done to need no more: as in {@code remat blocks without bfloat16 copy}. */
  String means() {
    return "remat " + remat + (rounding ? " without bfloat16 copy" : "");
  }

  /** As in {@code 9.310 GB: weights and optimizer 6.240, …}. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "%s GB: weights and optimizer %s, training plans %s, validation plans %s, Java %s",
        gigabytes(total()), gigabytes(state), gigabytes(training), gigabytes(validation), gigabytes(process));
  }

  /** Rounded up, so that the number that is named is enough. */
  static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.3f", Math.ceil(bytes / GIGA * 1000) / 1000);
  }
}
