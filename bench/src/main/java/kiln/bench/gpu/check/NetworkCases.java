package kiln.bench.gpu.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.model.Comparison;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.DType;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;
import kiln.model.plan.Backend;

/** Networks of the golden files. */
final class NetworkCases {
  /** Those that train in bfloat16. */
  private static final Set<String> NARROW = Set.of("unet_sd21.a", "unet_sd21.b", "vae", "byt5_encoder.masked", "byt5_encoder.unmasked");

  /**
   * ‖a−b‖ / ‖b‖ may be so many times that of the reference backend, which rounds to bfloat16 in the same places: the golden networks
   * are made to be sensitive, and the error that this leaves depends on the network.
   */
  private static final double NARROW_RATIO = 2;

  /** And so much more, where the reference has hardly any. */
  private static final double NARROW_FLOOR = 0.005;

  /** Where the reference's error is larger, every order of sums gives other numbers, and there is nothing to compare with. */
  private static final double NARROW_MEANINGFUL = 0.1;

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
          try (GoldenNetwork network = c.trace().in(DType.BF16);
              Backend reference = new ReferenceBackend()) {
            Map<String, Double> expected = errors(network, network.run(reference));
            Map<String, Double> found = errors(network, network.run(backend.get()));
            return narrow(c.name(), found, expected);
          }
        }))
        .toList();
  }

  private static Findings narrow(String name, Map<String, Double> found, Map<String, Double> expected) {
    List<Comparison> compared = new ArrayList<>();
    List<Findings.Fact> facts = new ArrayList<>();
    found.forEach((what, error) -> {
      double own = expected.get(what);
      String reference = "of the norm; the reference's error is " + own;
      if (own <= NARROW_MEANINGFUL) {
        compared.add(new Comparison(name + " " + what, error, NARROW_RATIO * own + NARROW_FLOOR, reference));
      } else {
        facts.add(new Findings.Fact(name + " " + what, "not compared: " + error + " " + reference));
      }
    });
    return new Findings(compared, facts);
  }

  /** ‖a−b‖ / ‖b‖ of every output that has more than one element, and of all gradients of the network together. */
  private static Map<String, Double> errors(GoldenNetwork network, Map<String, float[]> found) {
    Map<String, Double> errors = new LinkedHashMap<>();
    double[] gradients = new double[2];
    found.forEach((tensor, actual) -> {
      double[] squares = network.isGradient(tensor) ? gradients : new double[2];
      add(squares, actual, network.expected(tensor));
      if (!network.isGradient(tensor) && actual.length > 1) {
        errors.put(tensor, Math.sqrt(squares[0] / squares[1]));
      }
    });
    errors.put("all gradients", Math.sqrt(gradients[0] / gradients[1]));
    return errors;
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
}
