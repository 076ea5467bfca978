package kiln.launcher.checkpoint;

import kiln.bindings.Onednn;

/**
 * Of what has computed a run's numbers: others may round otherwise.
 *
 * @param java of the Java machine
 * @param onednn of the library that multiplies
 * @param isa instructions that it uses
 */
public record Versions(String java, String onednn, String isa) {
  /** Those of this process. */
  public static Versions here() {
    return new Versions(Runtime.version().toString(), Onednn.version(), Onednn.cpuIsa());
  }
}
