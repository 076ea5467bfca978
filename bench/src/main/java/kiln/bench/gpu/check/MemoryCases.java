package kiln.bench.gpu.check;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.Comparison;
import kiln.model.backend.KernelCases;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.op.Unary;

/** What happens where memory does not do. */
final class MemoryCases {
  /** A micro-batch of as many pictures of 1024×1024 is far too large for any card. */
  private static final int SAMPLES = 128;

  private static final int MICRO_BATCH = 64;
  private static final int SIDE = 1024;
  private static final String MESSAGE = "kiln: ";
  private static final Pattern BYTES = Pattern.compile("\\d[\\d,.]* ?([KMGT]i?B|bytes)");

  private MemoryCases() {}

  static List<CheckCase> of(CheckSettings settings) {
    return List.of(
        CheckCase.of("kiln train", (given, _) -> train(given)),
        CheckCase.of("the device afterwards", (_, backend) -> {
          KernelCases.Case c = KernelCases.of(new Unary(Unary.Function.SILU), KernelCases.f32(1000));
          List<float[]> expected = KernelCases.run(c, new ReferenceBackend());
          List<float[]> actual = KernelCases.outputs(c, backend.get());
          return Findings.compared(() -> KernelCases.assertClose(expected.getFirst(), actual.getFirst(), c.toString()));
        }));
  }

  private static Findings train(CheckSettings settings) throws IOException, InterruptedException {
    Path folder = settings.out().resolve("memory");
    Path data = TrainingData.make(folder, SAMPLES, SIDE, MICRO_BATCH);
    List<String> command = new ArrayList<>();
    command.addAll(List.of("train", "--preset", "sd21-vae", "--data", data.toString(), "--out", folder.resolve("run").toString()));
    command.addAll(List.of("--steps", "2", "--set", "optimizer.warmup_steps=1"));
    command.addAll(List.of("--set", "batch=" + MICRO_BATCH, "--set", "micro_batch=" + MICRO_BATCH));
    command.addAll(List.of(settings.options()));
    OtherProcess.Outcome said = OtherProcess.kiln(command);
    String line = said.last();
    boolean trace = said.lines().stream().anyMatch(l -> l.strip().startsWith("at kiln.") || l.contains("A fatal error"));
    return new Findings(
        List.of(
            Comparison.equal("exit status", said.status() == ExitStatus.USER_ERROR, "found " + said.status() + ", expected 1"),
            Comparison.equal("one line with the plan's bytes", line.startsWith(MESSAGE) && BYTES.matcher(line).find(), line),
            Comparison.equal("no stack trace", !trace, line)),
        List.of(new Findings.Fact("said", line)));
  }
}
