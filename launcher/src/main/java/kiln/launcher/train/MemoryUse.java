package kiln.launcher.train;

import java.util.Locale;
import kiln.model.pass.Remat;

/**
 * The memory of one rank that training computes on, in bytes, as far as it is known before training begins.
 *
 * @param remat what is computed once more
 * @param rounding whether kernels round weights themselves, where a copy of the weights in bfloat16 would save them that
 * @param state weights, gradients, moments and average, and the weights of networks that stay as they are
 * @param training plans of the training step, one per shape of the data: activations, and what kernels need beside them
 * @param validation plans of the validation loss
 * @param taken what else needs some: the Java heap at its largest, code, stacks and libraries, or a GPU's context and libraries
 * @param user who takes that: {@code Java}, {@code CUDA}
 */
record MemoryUse(Remat remat, boolean rounding, long state, long training, long validation, long taken, String user) {
  private static final double GIGA = 1e9;

  long total() {
    return state + training + validation + taken;
  }

  /** What is done to need no more: as in {@code remat blocks without bfloat16 copy}. */
  String means() {
    return "remat " + remat + (rounding ? " without bfloat16 copy" : "");
  }

  /** As in {@code 9.310 GB: weights and optimizer 6.240, …}. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "%s GB: weights and optimizer %s, training plans %s, validation plans %s, %s %s",
        gigabytes(total()), gigabytes(state), gigabytes(training), gigabytes(validation), user, gigabytes(taken));
  }

  /** Rounded down, so that there is as much as is named. */
  static String gigabytesBelow(long bytes) {
    return String.format(Locale.ROOT, "%.3f", Math.floor(bytes / GIGA * 1000) / 1000);
  }

  /** Rounded up, so that the number that is named is enough. */
  static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.3f", Math.ceil(bytes / GIGA * 1000) / 1000);
  }
}
