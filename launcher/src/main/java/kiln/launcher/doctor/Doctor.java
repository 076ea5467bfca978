package kiln.launcher.doctor;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import kiln.bindings.NativeLibraries;
import kiln.bindings.Onednn;
import kiln.bindings.TurboJpeg;
import kiln.bindings.UserException;
import kiln.collectives.mpi.OpenMpiInstallation;

/** Looks at the machine that it runs on. Nothing is changed. */
public final class Doctor {
  private static final int JDK = 25;
  private static final double GIB = 1L << 30;

  /** Where the ranks of a machine meet; gradients of several GB are not kept there, only what is under way. */
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private static final long LEAST_SHARED_MEMORY = 64L << 20;

  private final Map<String, String> environment;

  /**
   * @param environment variables, such as PATH and OMPI_HOME
   */
  public Doctor(Map<String, String> environment) {
    this.environment = environment;
  }

  public List<Finding> examine() {
    return List.of(javaMachine(), nativeLibraries(), processor(), sharedMemory(), jpeg(), openMpi(), bindings(), slurm());
  }

  private static Finding javaMachine() {
    String found = System.getProperty("java.vm.name") + " " + Runtime.version();
    return Runtime.version().feature() >= JDK
        ? Finding.fine("JDK", found)
        : new Finding("JDK", Finding.State.WRONG, found, "install the Debian package temurin-25-jdk");
  }

  private static Finding nativeLibraries() {
    try {
      return Finding.fine(
          "native libraries",
          "oneDNN " + Onednn.version() + ", " + NativeLibraries.numThreads() + " threads, in " + NativeLibraries.loadedFrom());
    } catch (UserException | IllegalStateException | UnsatisfiedLinkError e) {
      return new Finding("native libraries", Finding.State.WRONG, e.getMessage(), "./kiln build");
    }
  }

  private static Finding processor() {
    String found = Runtime.getRuntime().availableProcessors() + " cores, " + Onednn.cpuIsa();
    return Onednn.multipliesBf16()
        ? Finding.fine("processor", found)
        : new Finding("processor", Finding.State.ABSENT, found + ": no AVX512-BF16, no AMX", "train with --precision float32");
  }

  private static Finding sharedMemory() {
    try {
      FileStore store = Files.getFileStore(SHARED_MEMORY);
      String found = String.format(Locale.ROOT, "%s, %.1f GiB free", SHARED_MEMORY, store.getUsableSpace() / GIB);
      return store.getUsableSpace() >= LEAST_SHARED_MEMORY
          ? Finding.fine("shared memory", found)
          : new Finding("shared memory", Finding.State.WRONG, found, "mount -o remount,size=1g " + SHARED_MEMORY);
    } catch (IOException e) {
      String found = SHARED_MEMORY + ": " + e.getMessage();
      return new Finding("shared memory", Finding.State.ABSENT, found, "ranks of one machine meet in the temporary folder instead");
    }
  }

  private static Finding jpeg() {
    return TurboJpeg.isAvailable()
        ? Finding.fine("JPEG decoder", TurboJpeg.FILE)
        : absent("JPEG decoder", "no " + TurboJpeg.FILE, "to prepare JPEG files faster: install " + TurboJpeg.PACKAGE);
  }

  private Finding openMpi() {
    return program("mpirun")
        .map(path -> Finding.fine("Open MPI", path.toString()))
        .orElse(absent("Open MPI", "no mpirun on the PATH", "for several machines: install openmpi-bin and libopenmpi-dev"));
  }

  private Finding bindings() {
    String subject = "its Java bindings";
    try {
      return OpenMpiInstallation.find(environment)
          .map(found -> Finding.fine(subject, found.jar() + ", " + found.library()))
          .orElse(absent(subject, "none", "for --transport mpi: ./kiln setup mpi"));
    } catch (UserException e) {
      return new Finding(subject, Finding.State.WRONG, e.getMessage(), "./kiln setup mpi");
    }
  }

  private Finding slurm() {
    return program("srun")
        .map(path -> Finding.fine("SLURM", path.toString()))
        .orElse(absent("SLURM", "no srun on the PATH", "for jobs of a cluster: install slurm-client"));
  }

  private static Finding absent(String subject, String found, String advice) {
    return new Finding(subject, Finding.State.ABSENT, found, advice);
  }

  private Optional<Path> program(String name) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
