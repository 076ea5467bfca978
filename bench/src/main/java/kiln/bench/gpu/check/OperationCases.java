package kiln.bench.gpu.check;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import kiln.model.backend.KernelCases;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.op.GoldenOp;
import kiln.model.op.OpAgreement;
import kiln.model.op.OpCase;
import kiln.model.op.OpCases;
import kiln.model.plan.Backend;

/** Single operations. */
final class OperationCases {
  /** Fused kernels of libraries round to bfloat16's 8 bits where ours keep float32, probabilities of an attention for example. */
  private static final double NARROW_TOLERANCE = 0x1p-6;

  private OperationCases() {}

  static List<CheckCase> golden(CheckSettings settings) {
    return GoldenOp.cases().propertyStream()
        .map(c -> CheckCase.of(
            c.getKey(), (_, backend) -> Findings.compared(() -> GoldenOp.check(c.getKey(), c.getValue(), backend.get()))))
        .toList();
  }

  static List<CheckCase> wide(CheckSettings settings) {
    return agreement(c -> !c.isNarrow());
  }

  static List<CheckCase> narrow(CheckSettings settings) {
    return agreement(OpCase::isNarrow);
  }

  private static List<CheckCase> agreement(Predicate<OpCase> wanted) {
    return OpCases.all().stream().filter(wanted).map(OperationCases::agreement).toList();
  }

  private static CheckCase agreement(OpCase c) {
    return CheckCase.of(c.toString(), (_, backend) -> {
      try (Backend reference = new ReferenceBackend()) {
        return Findings.compared(() -> OpAgreement.check(c, reference, backend.get(), NARROW_TOLERANCE));
      }
    });
  }

  static List<CheckCase> kernels(CheckSettings settings) {
    return KernelCases.all().map(OperationCases::kernel).toList();
  }

  private static CheckCase kernel(KernelCases.Case c) {
    return CheckCase.of(c.toString(), (_, backend) -> {
      List<float[]> expected = KernelCases.run(c, new ReferenceBackend());
      List<float[]> actual = KernelCases.outputs(c, backend.get());
      return Findings.compared(() -> Stream.iterate(0, i -> i < expected.size(), i -> i + 1)
          .forEach(i -> KernelCases.assertClose(expected.get(i), actual.get(i), c + " output " + i)));
    });
  }
}
