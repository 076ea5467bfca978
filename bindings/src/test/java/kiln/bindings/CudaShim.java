package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;

/**
 * {@code native/cuda} compiled for this machine's processor by {@code native/cuda/host}: launches run at once and to their end,
 * device memory is memory.
 */
public final class CudaShim implements DeviceKernels, AutoCloseable {
  /** A launch that broke a rule of CUDA, see {@code shim.cpp}. */
  public static final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1;

    Fault(String message) {
      super(message);
    }
  }

  private static final int MESSAGE_BYTES = 1024;
  private static final int LIST_BYTES = 1 << 16;
  private static final MethodHandle LAUNCH =
      handle(
          "kiln_shim_launch", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle KERNELS =
      handle("kiln_shim_kernels", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG));
  private static final MethodHandle ORDER = handle("kiln_shim_order", FunctionDescriptor.ofVoid(JAVA_INT));

  private final Arena arena = Arena.ofShared();
  private final Map<String, MemorySegment> names = new TreeMap<>();
  private final Map<MemorySegment, String> badIndices = new LinkedHashMap<>();
  private int maxBlocks = Integer.MAX_VALUE;
  private final MemorySegment message = arena.allocate(MESSAGE_BYTES);

  /** The library is built where a C++ compiler is; without it, the test that asks is skipped and says so. */
  public CudaShim() {
    Assumptions.assumeTrue(Files.exists(library()), "CUDA kernels are not tested: no " + library() + " (no g++ when built)");
  }

  /** From the folder of this module or of one beside it, where their tests run. */
  private static Path library() {
    return Path.of("..", "bindings", "target", "cuda-shim", "libkiln_cuda_shim.so").toAbsolutePath().normalize();
  }

  private static MethodHandle handle(String function, FunctionDescriptor descriptor) {
    if (!Files.exists(library())) {
      return null;
    }
    MemorySegment address = SymbolLookup.libraryLookup(library(), Arena.global()).find(function).orElseThrow();
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  @Override
  public void launch(KernelCall call) {
    launch(call.kernel().symbol(), Math.min(call.numBlocks(), maxBlocks), DeviceKernel.THREADS, call.arguments());
    checkIndices();
  }

  /**
   * @throws Fault if the kernel broke a rule
   */
  void launch(String kernel, long numBlocks, int numThreads, MemorySegment arguments) {
    MemorySegment name = names.computeIfAbsent(kernel, arena::allocateFrom);
    int failed;
    try {
      failed = (int) LAUNCH.invokeExact(name, numBlocks, numThreads, arguments, message, message.byteSize());
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
    if (failed != 0) {
      throw new Fault(message.getString(0));
    }
  }

  /** Launches calls with at most so many blocks, each of which then does more: kernels must not mind. */
  public void setMaxBlocks(int blocks) {
    maxBlocks = blocks;
  }

  /** Whether blocks, warps and lanes take turns from the last to the first. */
  public void setDescending(boolean descending) {
    try {
      ORDER.invokeExact(descending ? 1 : 0);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Letters of the arguments of all kernels that the library has, by name. */
  Map<String, String> kernels() {
    Map<String, String> kernels = new TreeMap<>();
    try (Arena local = Arena.ofConfined()) {
      MemorySegment text = local.allocate(LIST_BYTES);
      long bytes = (long) KERNELS.invokeExact(text, text.byteSize());
      if (bytes > text.byteSize()) {
        throw new IllegalStateException("the list takes " + bytes + " bytes");
      }
      text.getString(0).lines().map(line -> line.split(" ")).forEach(parts -> kernels.put(parts[0], parts[1]));
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
    return kernels;
  }

  @Override
  public MemorySegment constant(MemorySegment data) {
    return arena.allocate(Math.max(1, data.byteSize()), 64).copyFrom(data);
  }

  @Override
  public MemorySegment badIndex(String expected) {
    MemorySegment place = arena.allocate(JAVA_LONG);
    place.set(JAVA_LONG, 0, -1);
    badIndices.put(place, expected);
    return place;
  }

  @Override
  public void checkIndices() {
    badIndices.forEach(
        (place, expected) -> {
          long position = place.get(JAVA_LONG, 0);
          if (position != -1) {
            throw new IndexOutOfBoundsException(expected + ", found another at " + position);
          }
        });
  }

  @Override
  public void close() {
    setDescending(false);
    arena.close();
  }
}
