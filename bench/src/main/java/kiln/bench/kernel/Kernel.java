package kiln.bench.kernel;

/** Something to be measured, with its memory. */
interface Kernel extends AutoCloseable {
  void run();

  @Override
  void close();
}
