package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** The driver for tests (native/fake_cuda) with a context and a stream; closing it checks that everything else was closed. */
final class FakeCuda implements AutoCloseable {
  /** Where the build has put the libraries for tests; surefire's configuration names it, or only the driver there. */
  static final Path FOLDER = folder(Path.of(System.getProperty(CudaLibrarySearch.PROPERTY)));

  final CudaContext context;
  final CudaStream stream;
  final CudaMemoryPool pool;

  FakeCuda() {
    assumeTrue(
        Files.exists(FOLDER.resolve("libcuda.so.1")), "skipped: built without cuda.h, so there is no driver for tests");
    context = new CudaContext(CudaDevice.of(0));
    stream = new CudaStream();
    pool = new CudaMemoryPool(context);
  }

  private static Path folder(Path named) {
    return Files.isRegularFile(named) ? named.getParent() : named;
  }

  /** Objects of the driver's that were made and not destroyed. */
  static int live() {
    return call(CudaLibrary.DRIVER, "kiln_fake_live");
  }

  static int call(CudaLibrary library, String function) {
    MemorySegment address = CudaLibraries.lookup(library).findOrThrow(function);
    MethodHandle handle = Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(JAVA_INT));
    try {
      return (int) handle.invokeExact();
    } catch (Throwable thrown) {
      throw new AssertionError(thrown);
    }
  }

  /** The image of native/fake_cuda/kernels. */
  static byte[] kernels() {
    try {
      return Files.readAllBytes(FOLDER.resolve("libkiln_fake_kernels.so"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  DeviceRegion allocate(long bytes) {
    return pool.allocate("a test", bytes, stream);
  }

  /** A region with these numbers. */
  DeviceRegion floats(float... numbers) {
    DeviceRegion region = allocate((long) numbers.length * Float.BYTES);
    write(region.memory(), numbers);
    return region;
  }

  void write(DeviceMemory memory, float... numbers) {
    try (Arena arena = Arena.ofConfined()) {
      stream.copyToDevice(arena.allocateFrom(JAVA_FLOAT, numbers), memory);
      stream.synchronize();
    }
  }

  float[] read(DeviceMemory memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(memory.byteSize(), Long.BYTES);
      stream.copyToHost(memory, host);
      stream.synchronize();
      return host.toArray(JAVA_FLOAT);
    }
  }

  @Override
  public void close() {
    pool.close();
    stream.close();
    context.close();
    assertEquals(0, live(), "objects that were not closed");
  }
}
