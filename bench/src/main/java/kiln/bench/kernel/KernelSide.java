package kiln.bench.kernel;

/** Who computes. */
public enum KernelSide {
  /** Kiln's CPU backend: one launch of a plan, with what it packs and converts at every run. */
  KILN,

  /** A primitive of oneDNN alone, on memory in the layouts that it likes best; nothing is packed at a run. */
  LIBRARY,

  /** Kiln's reference backend: plain loops in Java, on one thread. */
  REFERENCE
}
