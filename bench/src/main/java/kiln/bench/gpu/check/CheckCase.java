package kiln.bench.gpu.check;

import kiln.model.plan.Backend;

/** A part of a check. A process runs one after the other on one backend; one that crashes takes only its own part with it. */
interface CheckCase {
  String name();

  /**
   * @param backend opens the backend at the first call, and gives the same one at all others
   * @throws Exception if it cannot be done, which means that the check fails
   */
  Findings run(CheckSettings settings, OpenBackend backend) throws Exception;

  /** The process's backend. */
  @FunctionalInterface
  interface OpenBackend {
    Backend get();
  }

  /** What a case does. */
  @FunctionalInterface
  interface Body {
    Findings run(CheckSettings settings, OpenBackend backend) throws Exception;
  }

  static CheckCase of(String name, Body body) {
    return new CheckCase() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Findings run(CheckSettings settings, OpenBackend backend) throws Exception {
        return body.run(settings, backend);
      }
    };
  }
}
