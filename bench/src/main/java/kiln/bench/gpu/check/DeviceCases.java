package kiln.bench.gpu.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kiln.bindings.NativeLibraries;
import kiln.bindings.Onednn;
import kiln.launcher.backend.CudaProbe;
import kiln.launcher.backend.CudaState;

/** What there is to compute with. */
final class DeviceCases {
  private static final double GIB = 1L << 30;
  private static final double TERA = 1e12;

  private DeviceCases() {}

  static List<CheckCase> of(CheckSettings settings) {
    if (!settings.isCuda()) {
      return List.of(CheckCase.of("processor", (_, backend) -> {
        String library = "oneDNN " + Onednn.version() + ", " + Onednn.cpuIsa() + ", " + NativeLibraries.numThreads() + " threads";
        return Findings.facts(List.of(new Findings.Fact("backend " + backend.get().name(), library)));
      }));
    }
    return List.of(
        CheckCase.of("libraries and devices", (_, _) -> Findings.facts(facts(CudaProbe.ask()))),
        CheckCase.of("backend", (_, backend) -> Findings.facts(List.of(new Findings.Fact("backend", backend.get().name())))));
  }

  private static List<Findings.Fact> facts(CudaState state) {
    List<Findings.Fact> facts = new ArrayList<>();
    for (CudaState.Library library : state.libraries()) {
      String found = library.path() == null ? "not found" : library.version() + ", " + library.path();
      facts.add(new Findings.Fact(library.library().stem(), library.problem() == null ? found : library.problem()));
    }
    for (CudaState.Device device : state.devices()) {
      String text = String.format(
          Locale.ROOT, "%s, %s, %d multiprocessors, %.1f GiB, memory %.2f TB/s at most", device.name(), device.architecture(),
          device.multiprocessors(), device.bytes() / GIB, device.peakBytes() / TERA);
      facts.add(new Findings.Fact("device " + device.index(), device.problem() == null ? text : device.problem()));
    }
    facts.add(new Findings.Fact("Kiln's kernels for", String.join(", ", state.kernels())));
    state.problem().ifPresent(problem -> {
      throw new IllegalStateException(problem);
    });
    return facts;
  }
}
