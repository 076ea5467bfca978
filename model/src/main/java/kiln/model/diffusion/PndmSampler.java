package kiln.model.diffusion;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import kiln.bindings.UserException;

/**
 * Pseudo numerical methods for diffusion models (Liu et al. 2022, equations 9, 12 and 13), as diffusers' {@code PNDMScheduler}:
 * a linear multi-step method of up to fourth order, started by one step that is taken again with the mean of two predictions, or
 * by three Runge–Kutta steps of four predictions each.
 *
 * <p>A walk that leaves out its first steps is started in the same way from where it begins. (diffusers takes the rest of the
 * whole walk's timesteps, which pairs the second prediction with the wrong one.)
 */
public final class PndmSampler implements Sampler {
  private static final int RUNGE_KUTTA_STEPS = 3;

  /** What a step does with the prediction e. */
  private enum Role {
    /** The first: e. */
    START,
    /** Again from where the first started: the mean of both. */
    CORRECT,
    /** A combination of e and the predictions before it. */
    MULTI_STEP,
    RUNGE_KUTTA_1,
    /** The second and third of four. */
    RUNGE_KUTTA_MIDDLE,
    RUNGE_KUTTA_4
  }

  /** The network is asked at {@code timestep}; the sample moves between training steps; {@code to} may be negative: the end. */
  private record Move(Role role, int timestep, int from, int to) {}

  private final PredictionType predictionType;
  private final NoiseTables tables;
  private final double finalAlphaCumprod;
  private final List<Move> moves;
  private final Deque<float[]> predictions = new ArrayDeque<>(); // newest first, at most three before the current one
  private float[] start = {};
  private double[] sum = {};
  private int nextIndex;

  /**
   * @param firstStep steps left out at the start
   * @throws UserException if there are fewer training steps than {@code numSteps}, or too few for Runge–Kutta steps, or the walk
   *     starts from pure noise (zero terminal SNR), for which the method is not defined
   */
  public PndmSampler(NoiseSchedule schedule, SamplerOptions options, int numSteps, int firstStep) {
    int[] steps = TimestepSpacing.timesteps(schedule, numSteps, firstStep);
    int stride = schedule.numTrainTimesteps() / numSteps;
    this.predictionType = schedule.predictionType();
    this.tables = schedule.tables();
    this.finalAlphaCumprod = schedule.setAlphaToOne() ? 1 : tables.alphaCumprod(0);
    this.moves = options.skipPrkSteps() ? startedOnce(steps, stride) : startedByRungeKutta(steps, stride);
    if (!(tables.alphaCumprod(steps[0]) > 0)) {
      throw new UserException(
          "sampler pndm: expected a walk that starts with some signal, found zero terminal SNR"
              + " (take ddim, or spacing leading)");
    }
  }

  private static List<Move> startedOnce(int[] steps, int stride) {
    List<Move> moves = new ArrayList<>();
    moves.add(new Move(Role.START, steps[0], steps[0], steps[0] - stride));
    if (steps.length > 1) {
      moves.add(new Move(Role.CORRECT, steps[1], steps[1] + stride, steps[1]));
    }
    for (int i = 1; i < steps.length; i++) {
      moves.add(new Move(Role.MULTI_STEP, steps[i], steps[i], steps[i] - stride));
    }
    return moves;
  }

  private static List<Move> startedByRungeKutta(int[] steps, int stride) {
    if (steps.length <= RUNGE_KUTTA_STEPS) {
      throw new UserException(
          "--steps: expected " + (RUNGE_KUTTA_STEPS + 1) + " or more for pndm with skip_prk_steps false, found "
              + steps.length);
    }
    List<Move> moves = new ArrayList<>();
    int half = stride / 2;
    for (int i = 0; i < RUNGE_KUTTA_STEPS; i++) {
      int from = steps[i];
      int to = steps[i + 1];
      moves.add(new Move(Role.RUNGE_KUTTA_1, from, from, from - half));
      moves.add(new Move(Role.RUNGE_KUTTA_MIDDLE, to + half, from, to + half));
      moves.add(new Move(Role.RUNGE_KUTTA_MIDDLE, to + half, from, to));
      moves.add(new Move(Role.RUNGE_KUTTA_4, to, from, to));
    }
    for (int i = RUNGE_KUTTA_STEPS; i < steps.length; i++) {
      moves.add(new Move(Role.MULTI_STEP, steps[i], steps[i], steps[i] - stride));
    }
    return moves;
  }

  @Override
  public float[] timesteps() {
    return TimestepSpacing.asFloats(moves.stream().mapToInt(Move::timestep).toArray());
  }

  @Override
  public Level level(int index) {
    return index == moves.size() ? Level.CLEAN : tables.level(moves.get(index).timestep());
  }

  @Override
  public boolean usesNoise() {
    return false;
  }

  @Override
  public void step(float[] output, int index, float[] sample, float[] noise) {
    if (index != nextIndex) {
      throw new IllegalArgumentException("index: expected step " + nextIndex + " of the walk, found " + index);
    }
    nextIndex++;
    Move move = moves.get(index);
    switch (move.role()) {
      case START -> {
        start = sample.clone();
        remember(output);
        transfer(move, sample, combined(output, 1), sample);
      }
      case CORRECT -> transfer(move, start, combined(output, 1 / 2.0, 1 / 2.0), sample);
      case MULTI_STEP -> {
        transfer(move, sample, multiStep(output), sample);
        remember(output);
      }
      case RUNGE_KUTTA_1 -> {
        start = sample.clone();
        remember(output);
        sum = combined(output, 1 / 6.0);
        transfer(move, start, combined(output, 1), sample);
      }
      case RUNGE_KUTTA_MIDDLE -> {
        add(output, 1 / 3.0);
        transfer(move, start, combined(output, 1), sample);
      }
      case RUNGE_KUTTA_4 -> {
        add(output, 1 / 6.0);
        transfer(move, start, sum, sample);
      }
    }
  }

  private void remember(float[] output) {
    float[] reused = predictions.size() == 3 ? predictions.removeLast() : new float[output.length];
    System.arraycopy(output, 0, reused, 0, output.length);
    predictions.addFirst(reused);
  }

  /** Adams–Bashforth of the highest order that the predictions so far allow. */
  private double[] multiStep(float[] output) {
    return switch (predictions.size()) {
      case 0 -> combined(output, 1);
      case 1 -> combined(output, 3 / 2.0, -1 / 2.0);
      case 2 -> combined(output, 23 / 12.0, -16 / 12.0, 5 / 12.0);
      default -> combined(output, 55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0);
    };
  }

  /** weights[0]·output + weights[1]·newest prediction + … */
  private double[] combined(float[] output, double... weights) {
    double[] combined = new double[output.length];
    List<float[]> terms = new ArrayList<>(predictions);
    terms.addFirst(output);
    for (int k = 0; k < weights.length; k++) {
      float[] term = terms.get(k);
      for (int i = 0; i < combined.length; i++) {
        combined[i] += weights[k] * term[i];
      }
    }
    return combined;
  }

  private void add(float[] output, double weight) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += weight * output[i];
    }
  }

  /** Equation 9: {@code target} becomes {@code x}, moved along the predicted noise. */
  private void transfer(Move move, float[] x, double[] prediction, float[] target) {
    double here = tables.alphaCumprod(move.from());
    double next = move.to() >= 0 ? tables.alphaCumprod(move.to()) : finalAlphaCumprod;
    double ofSample = Math.sqrt(next / here);
    double ofNoise = (here - next) / (here * Math.sqrt(1 - next) + Math.sqrt(here * (1 - here) * next));
    PredictionType.Denoising predicted = predictionType.noise(Math.sqrt(here), Math.sqrt(1 - here));
    for (int i = 0; i < x.length; i++) {
      double e = predicted.ofSample() * x[i] + predicted.ofOutput() * prediction[i];
      target[i] = (float) (ofSample * x[i] + ofNoise * e);
    }
  }
}
