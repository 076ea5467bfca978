package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The native libraries that travel with Kiln, loaded once: the OpenMP runtime first, so that oneDNN and Kiln's kernels, which
 * both need a {@code libgomp.so.1}, share it and with it one pool of threads.
 *
 * <p>They are looked for in the folder that the system property {@value #FOLDER_PROPERTY} names, else on the class path (see
 * {@link NativeFolder}).
 */
public final class NativeLibraries {
  /** Name of Kiln's own kernels, {@code native/cpu}. */
  public static final String KILN_CPU = "kiln_cpu";

  /** Name of oneDNN. */
  public static final String DNNL = "dnnl";

  public static final String FOLDER_PROPERTY = "kiln.native";

  private static final String OPENMP = "gomp";

  private static Path folder;
  private static Map<String, SymbolLookup> libraries;

  private NativeLibraries() {}

  /**
   * The symbols of a library.
   *
   * @param library {@link #KILN_CPU} or {@link #DNNL}
   * @throws UserException if the libraries are not where they should be, or cannot be loaded
   */
  public static SymbolLookup lookup(String library) {
    load();
    SymbolLookup symbols = libraries.get(library);
    if (symbols == null) {
      throw new IllegalArgumentException("library: expected one of " + libraries.keySet() + ", found " + library);
    }
    return symbols;
  }

  /**
   * The folder that the libraries were loaded from.
   *
   * @throws UserException as {@link #lookup}
   */
  public static Path loadedFrom() {
    load();
    return folder;
  }

  /** Threads that a parallel region of any of the libraries uses: OMP_NUM_THREADS, else one per processor. */
  public static int numThreads() {
    MethodHandle maxThreads = downcall(OPENMP, "omp_get_max_threads", FunctionDescriptor.of(JAVA_INT));
    try {
      return (int) maxThreads.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * A handle of a native function, to be kept in a static final field and called with {@code invokeExact}.
   *
   * @throws IllegalStateException if the library has no such function
   */
  static MethodHandle downcall(String library, String function, FunctionDescriptor descriptor, Linker.Option... options) {
    var address = lookup(library).find(function);
    if (address.isEmpty()) {
      throw new IllegalStateException(library + " has no function " + function);
    }
    return Linker.nativeLinker().downcallHandle(address.get(), descriptor, options);
  }

  /** What a downcall threw although native functions throw nothing: an error of the JVM, or wrong arguments. */
  public static RuntimeException unexpected(Throwable thrown) {
    return switch (thrown) {
      case Error error -> throw error;
      case RuntimeException exception -> exception;
      default -> new IllegalStateException(thrown);
    };
  }

  private static synchronized void load() {
    if (libraries == null) {
      folder = NativeFolder.find();
      SymbolLookup openMp = open(NativeFolder.OPENMP);
      libraries = Map.of(OPENMP, openMp, DNNL, open(NativeFolder.DNNL), KILN_CPU, open(NativeFolder.KILN_CPU));
    }
  }

  private static SymbolLookup open(String file) {
    Path path = folder.resolve(file).toAbsolutePath();
    if (!Files.exists(path)) {
      throw new UserException(file + " is missing in " + folder + ", expected " + String.join(", ", NativeFolder.FILES));
    }
    try {
      return SymbolLookup.libraryLookup(path, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new UserException(path + " cannot be loaded: " + e.getMessage(), e);
    }
  }
}
