package kiln.model.op;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import kiln.model.Comparison;
import kiln.model.Evaluation;
import kiln.model.Tolerances;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;

/** Compares one operation, forward and backward, on two backends; and one of them with itself. */
public final class OpAgreement {
  private static final double OUTPUT_TOLERANCE = 2e-5;
  private static final double GRADIENT_TOLERANCE = 1e-4;

  /** Two roundings to bfloat16's 8 bits apart: sums in another order may fall on the other side of one. */
  private static final double NARROW_TOLERANCE = 0x1p-7;

  /** A case with its gradients, if it has any, as one graph. */
  static final class Job {
    final OpCase.Traced traced;
    final List<Value> outputs;
    final List<Value> gradients = new ArrayList<>();
    final Value weights;
    final float[] r;

    Job(OpCase c) {
      traced = new OpCase.Traced(c);
      outputs = traced.outputs;
      Value out = outputs.getFirst();
      weights = traced.graph.input("R", TensorType.f32(out.shape()));
      r = new float[Math.toIntExact(out.shape().elements())];
      Random random = new Random(23);
      for (int i = 0; i < r.length; i++) {
        r[i] = (float) random.nextGaussian();
      }
      if (out.type().dtype().isFloat()) {
        Value wide = Ops.cast(out, DType.F32);
        Value loss = Ops.reshape(Ops.sum(Ops.mul(wide, weights), 0, out.shape().rank()), Shape.SCALAR);
        gradients.addAll(Autodiff.gradients(loss, traced.differentiable()).values());
      }
    }

    Set<Value> all() {
      Set<Value> all = new LinkedHashSet<>(outputs);
      all.addAll(gradients);
      return all;
    }

    Evaluation evaluate(Backend backend) {
      Evaluation evaluation = new Evaluation(traced.graph, backend, all());
      traced.bind(evaluation);
      return evaluation.set(weights, r).run();
    }
  }

  private OpAgreement() {}

  /**
   * Within 2·10⁻⁵ of the largest element, or of 1, in outputs, 10⁻⁴ in gradients, and 2⁻⁷ where anything is bfloat16; the same bits in
   * a second run; and the same bounds when inputs have moved to places without alignment.
   */
  public static void check(OpCase c, Backend reference, Backend backend) {
    check(c, reference, backend, NARROW_TOLERANCE);
  }

  /** The same with another bound where anything is bfloat16. */
  public static void check(OpCase c, Backend reference, Backend backend, double narrowTolerance) {
    Job job = new Job(c);
    try (Arena arena = Arena.ofConfined();
        Evaluation expected = job.evaluate(reference);
        Evaluation actual = job.evaluate(backend)) {
      check(c + " output", job.outputs, actual, expected, OUTPUT_TOLERANCE, narrowTolerance);
      check(c + " gradient", job.gradients, actual, expected, GRADIENT_TOLERANCE, narrowTolerance);
      List<byte[]> first = bits(job, actual);
      List<byte[]> second = bits(job, actual.run());
      for (int i = 0; i < first.size(); i++) {
        equal(c + " bits of the second run, value=" + i, Arrays.equals(first.get(i), second.get(i)));
      }
      job.traced.inputs.forEach(input -> actual.move(input, arena));
      actual.run();
      check(c + " output with moved inputs", job.outputs, actual, expected, OUTPUT_TOLERANCE, narrowTolerance);
      check(c + " gradient with moved inputs", job.gradients, actual, expected, GRADIENT_TOLERANCE, narrowTolerance);
    }
  }

  private static void check(
      String what, Collection<Value> values, Evaluation actual, Evaluation expected, double tolerance, double narrowTolerance) {
    int i = 0;
    boolean narrow = what.contains("bf16");
    for (Value value : values) {
      String name = what + " " + i++;
      if (value.type().dtype().isFloat()) {
        double bound = value.type().dtype() == DType.BF16 || narrow ? narrowTolerance : tolerance;
        float[] wanted = expected.get(value);
        double scale = 1;
        for (float element : wanted) {
          scale = Math.max(scale, Math.abs(element));
        }
        Tolerances.checkAbsolute(name, bound * scale, actual.get(value), wanted);
      } else {
        equal(name, Arrays.equals(expected.getInts(value), actual.getInts(value)));
      }
    }
  }

  private static void equal(String what, boolean equal) {
    Comparison.equal(what, equal, equal ? "equal" : "expected equal, found different").conclude();
  }

  private static List<byte[]> bits(Job job, Evaluation evaluation) {
    return job.all().stream().map(evaluation::getBytes).toList();
  }
}
