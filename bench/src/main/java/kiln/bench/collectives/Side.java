package kiln.bench.collectives;

import kiln.collectives.ElementType;

/** What is set beside each other. */
enum Side {
  /** MPI_THREAD_MULTIPLE, as reducing beside a computation needs it: the reference of ratios. */
  C("C f32", "", ElementType.F32),
  /** Only one thread may call MPI, which costs it fewer locks. */
  C_SINGLE("C f32 single", "", ElementType.F32),
  MPI("mpi f32", "mpi", ElementType.F32),
  MPI_BF16("mpi bf16", "mpi", ElementType.BF16),
  LOCAL("local f32", "local", ElementType.F32),
  LOCAL_BF16("local bf16", "local", ElementType.BF16);

  private final String label;
  private final String transport;
  private final ElementType type;

  Side(String label, String transport, ElementType type) {
    this.label = label;
    this.transport = transport;
    this.type = type;
  }

  String label() {
    return label;
  }

  boolean isC() {
    return this == C || this == C_SINGLE;
  }

  boolean needsMpi() {
    return transport.equals("mpi");
  }

  /** What its ranks are told. */
  String command(long bytes, int times) {
    String what = bytes + " " + times;
    return isC() ? what : transport + " " + type + " " + what;
  }
}
