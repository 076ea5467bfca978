package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** What a library says of its version, without a device. */
final class CudaVersion {
  private CudaVersion() {}

  /**
   * As in 9.24.0. Of the driver, the version of CUDA that it runs.
   *
   * @throws IllegalArgumentException if it is not that library
   */
  static String of(CudaLibrary library, SymbolLookup symbols) {
    MemorySegment function =
        symbols
            .find(library.versionFunction())
            .orElseThrow(() -> new IllegalArgumentException("it has no " + library.versionFunction()));
    return switch (library) {
      // 1000 × major + 10 × minor
      case DRIVER -> join(ints(function, 1), 1000, 10);
      case NVRTC -> join(ints(function, 2));
      // 10000 × major + 100 × minor + patch
      case CUBLASLT, CUDNN -> join(new int[] {(int) number(function)}, 10000, 100, 1);
      case NCCL -> join(ints(function, 1), 10000, 100, 1);
    };
  }

  /** Whether a version is at least another, by their numbers. */
  static boolean atLeast(String version, String oldest) {
    return Arrays.compare(numbers(version), numbers(oldest)) >= 0;
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
  }

  /** The parts of one number, or, without places, the numbers themselves. */
  private static String join(int[] numbers, int... places) {
    StringBuilder text = new StringBuilder();
    if (places.length == 0) {
      for (int number : numbers) {
        text.append('.').append(number);
      }
    } else {
      int rest = numbers[0];
      for (int place : places) {
        text.append('.').append(rest / place);
        rest %= place;
      }
    }
    return text.substring(1);
  }

  /** A function that writes its numbers through as many pointers. */
  private static int[] ints(MemorySegment function, int count) {
    FunctionDescriptor descriptor =
        count == 1 ? FunctionDescriptor.of(JAVA_INT, ADDRESS) : FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
    MethodHandle handle = Linker.nativeLinker().downcallHandle(function, descriptor);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment numbers = call.allocate(JAVA_INT, count);
      int status =
          count == 1
              ? (int) handle.invokeExact(numbers)
              : (int) handle.invokeExact(numbers, numbers.asSlice(Integer.BYTES));
      if (status != 0) {
        throw new IllegalArgumentException("it does not say its version: status=" + status);
      }
      return numbers.toArray(JAVA_INT);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static long number(MemorySegment function) {
    try {
      return (long) Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(JAVA_LONG)).invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
