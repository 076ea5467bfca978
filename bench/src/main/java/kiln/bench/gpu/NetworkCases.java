package kiln.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.model.Comparison;
import kiln.model.graph.DType;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;

/** Networks of the golden files. */
final class NetworkCases {
  /** Those that train in bfloat16. */
  private static final Set<String> NARROW = Set.of("unet_sd21.a", "unet_sd21.b", "vae", "byt5_encoder.masked", "byt5_encoder.unmasked");

  /** ‖a−b‖ / ‖b‖ of one output in bfloat16. */
  private static final double NARROW_OUTPUT = 0.03;

  /** ‖a−b‖ / ‖b‖ of all gradients of a network together, those of the weights and those of the inputs. */
  private static final double NARROW_GRADIENTS = 0.06;

  private NetworkCases() {}

  static List<CheckCase> golden(CheckSettings settings) {
    return GoldenCases.all().stream()
        .map(c -> CheckCase.of(c.name(), (_, backend) -> {
          try (GoldenNetwork network = c.trace().in(DType.F32)) {
            return Findings.compared(() -> network.check(backend.get(), c.bounds(), c.key()));
          }
        }))
        .toList();
  }

  static List<CheckCase> narrow(CheckSettings settings) {
    return GoldenCases.all().stream()
        .filter(c -> NARROW.contains(c.name()))
        .map(c -> CheckCase.of(c.name(), (_, backend) -> {
          try (GoldenNetwork network = c.trace().in(DType.BF16)) {
            return new Findings(compare(c.name(), network, network.run(backend.get())), List.of());
          }
        }))
        .toList();
  }

  private static List<Comparison> compare(String name, GoldenNetwork network, Map<String, float[]> found) {
    List<Comparison> all = new ArrayList<>();
    double[] gradients = new double[2];
    found.forEach((tensor, actual) -> {
      float[] expected = network.expected(tensor);
      if (network.isGradient(tensor)) {
        add(gradients, actual, expected);
      } else {
        double[] squares = new double[2];
        add(squares, actual, expected);
        all.add(relative(name + " " + tensor, NARROW_OUTPUT, squares));
      }
    });
    all.add(relative(name + " all gradients", NARROW_GRADIENTS, gradients));
    return all;
  }

  private static void add(double[] squares, float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new IllegalStateException("numElements=" + actual.length + " expected=" + expected.length);
    }
    for (int i = 0; i < actual.length; i++) {
      double d = (double) actual[i] - expected[i];
      squares[0] += d * d;
      squares[1] += (double) expected[i] * expected[i];
    }
  }

  private static Comparison relative(String what, double bound, double... squares) {
    double difference = Math.sqrt(squares[0] / squares[1]);
    return new Comparison(what, difference, bound, "relative, of the norm");
  }
}
