package kiln.model;

import java.util.List;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.plan.Backend;

/** The backends that every test of operations and networks runs on. */
public final class Backends {
  private Backends() {}

  public static List<String> names() {
    return List.of("reference", "cpu");
  }

  public static Backend open(String name) {
    return switch (name) {
      case "cpu" -> new CpuBackend();
      case "reference" -> new ReferenceBackend();
      default -> throw new IllegalArgumentException("no backend " + name);
    };
  }
}
