package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * While it is open, the driver for tests (native/fake_cuda) does the work of its streams only when somebody waits for it, so that a
 * wait that is missing shows. Closing it does what is still queued. The environment's {@code KILN_FAKE_CUDA_LAZY=1} has the same effect
 * on a whole process.
 */
public final class LazyStreams implements AutoCloseable {
  private final int before = set(1);

  private static int set(int lazy) {
    MemorySegment address = CudaLibraries.lookup(CudaLibrary.DRIVER).findOrThrow("kiln_fake_cuda_lazy");
    MethodHandle handle = Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    try {
      return (int) handle.invokeExact(lazy);
    } catch (Throwable thrown) {
      throw new AssertionError(thrown);
    }
  }

  @Override
  public void close() {
    set(before);
  }
}
