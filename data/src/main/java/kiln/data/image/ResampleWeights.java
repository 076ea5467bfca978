package kiln.data.image;

/**
 * One direction of a Lanczos resampling, the filter widened to the scale when shrinking, so that nothing aliases: for every
 * output the inputs that it is a weighted sum of. The arithmetic of Pillow's {@code precompute_coeffs} ({@code Resample.c}).
 */
final class ResampleWeights {
  private static final double LOBES = 3;

  /** First input of each output. */
  final int[] first;

  /** Inputs of each output. */
  final int[] count;

  /** [outputs, taps], of which {@link #count} are used. */
  final float[] weights;

  /** Room for weights per output; 0 if the outputs are the inputs. */
  final int taps;

  /**
   * @param inputs how many there are
   * @param start where the part that is wanted begins, in inputs
   * @param end where it ends
   * @param outputs how many it becomes
   */
  ResampleWeights(int inputs, double start, double end, int outputs) {
    first = new int[outputs];
    count = new int[outputs];
    if (start == 0 && end == inputs && inputs == outputs) {
      taps = 0;
      weights = new float[0];
      return;
    }
    double scale = (end - start) / outputs;
    double stretch = Math.max(scale, 1);
    double support = LOBES * stretch;
    taps = (int) Math.ceil(support) * 2 + 1;
    weights = new float[Math.multiplyExact(outputs, taps)];
    double[] raw = new double[taps];
    for (int i = 0; i < outputs; i++) {
      double centre = start + (i + 0.5) * scale;
      first[i] = Math.max(0, (int) (centre - support + 0.5));
      count[i] = Math.min(inputs, (int) (centre + support + 0.5)) - first[i];
      double sum = 0;
      for (int j = 0; j < count[i]; j++) {
        raw[j] = lanczos((first[i] + j - centre + 0.5) / stretch);
        sum += raw[j];
      }
      for (int j = 0; j < count[i]; j++) {
        weights[i * taps + j] = (float) (raw[j] / sum);
      }
    }
  }

  /** Whether outputs are the inputs. */
  boolean isIdentity() {
    return taps == 0;
  }

  /** sinc(x) sinc(x / 3); with sin 3a = 3 sin a - 4 sin³ a one sine serves both. */
  private static double lanczos(double x) {
    if (x == 0) {
      return 1;
    }
    if (!(-LOBES <= x && x < LOBES)) {
      return 0;
    }
    double third = Math.PI * x / LOBES;
    double sine = Math.sin(third);
    return sine * sine * (3 - 4 * sine * sine) / (LOBES * third * third);
  }
}
