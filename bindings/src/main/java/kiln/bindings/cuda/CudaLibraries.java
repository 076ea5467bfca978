package kiln.bindings.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * NVIDIA's libraries, each loaded when it is first asked for, and then kept. Without them everything else works; who needs one
 * asks by {@link #require} and gets one line that says what is missing.
 */
public final class CudaLibraries {
  private static final CudaLibraries OF_PROCESS = new CudaLibraries(CudaLibrarySearch.ofProcess());

  private final CudaLibrarySearch search;
  private final Map<CudaLibrary, Loaded> loaded = new EnumMap<>(CudaLibrary.class);

  /** A library and what is known of it; without symbols, why not. */
  private record Loaded(SymbolLookup symbols, Report report) {}

  /**
   * What was found of a library.
   *
   * @param path the file; empty if none was found
   * @param version as the library says it, as in 9.24.0; empty if it could not be asked
   * @param problem why it cannot be used, in one line; empty if it can
   */
  public record Report(CudaLibrary library, Optional<Path> path, Optional<String> version, Optional<String> problem) {}

  CudaLibraries(CudaLibrarySearch search) {
    this.search = search;
  }

  /** What there is of every library, for {@code doctor}. Loads each of them. */
  public static List<Report> reports() {
    List<Report> reports = new ArrayList<>();
    for (CudaLibrary library : CudaLibrary.values()) {
      reports.add(OF_PROCESS.report(library));
    }
    return reports;
  }

  /**
   * @throws UserException if the library is not there, cannot be loaded or is too old: which, where it was looked for, and what
   *     brings it
   */
  public static void require(CudaLibrary library) {
    OF_PROCESS.symbols(library);
  }

  /** The symbols of a library of this process. */
  static SymbolLookup lookup(CudaLibrary library) {
    return OF_PROCESS.symbols(library);
  }

  Report report(CudaLibrary library) {
    return load(library).report;
  }

  SymbolLookup symbols(CudaLibrary library) {
    Loaded result = load(library);
    if (result.symbols == null) {
      throw new UserException(library.stem() + ": " + result.report.problem().orElseThrow());
    }
    return result.symbols;
  }

  private synchronized Loaded load(CudaLibrary library) {
    if (library == CudaLibrary.CUDNN && !loaded.containsKey(library)) {
      // cuDNN asks the loader for these by their names alone, and gets what is loaded already.
      load(CudaLibrary.CUBLASLT);
      load(CudaLibrary.NVRTC);
    }
    Loaded result = loaded.get(library);
    if (result == null) {
      result = find(library);
      loaded.put(library, result);
    }
    return result;
  }

  private Loaded find(CudaLibrary library) {
    Loaded unusable = null;
    try {
      for (Path path : search.candidates(library)) {
        Loaded result = open(library, path);
        if (result.symbols != null) {
          return result;
        }
        unusable = unusable == null ? result : unusable;
      }
    } catch (UserException e) {
      return absent(library, e.getMessage());
    }
    if (unusable != null) {
      return unusable;
    }
    return absent(
        library,
        "found no " + String.join(" or ", library.files()) + " in " + CudaLibrarySearch.VARIABLE
            + ", CUDA_HOME, LD_LIBRARY_PATH, the system's folders or Python's site-packages/nvidia; expected "
            + library.source());
  }

  private static Loaded absent(CudaLibrary library, String problem) {
    return new Loaded(null, new Report(library, Optional.empty(), Optional.empty(), Optional.of(problem)));
  }

  private static Loaded open(CudaLibrary library, Path path) {
    try {
      SymbolLookup symbols = SymbolLookup.libraryLookup(path, Arena.global());
      String version = CudaVersion.of(library, symbols);
      if (!CudaVersion.atLeast(version, library.oldest())) {
        String problem = "found version " + version + " (" + path + "), expected " + library.oldest() + " or newer";
        return new Loaded(null, new Report(library, Optional.of(path), Optional.of(version), Optional.of(problem)));
      }
      return new Loaded(symbols, new Report(library, Optional.of(path), Optional.of(version), Optional.empty()));
    } catch (IllegalArgumentException e) { // how a file that is no such library shows
      String problem = path + " cannot be loaded: " + e.getMessage();
      return new Loaded(null, new Report(library, Optional.of(path), Optional.empty(), Optional.of(problem)));
    }
  }
}
