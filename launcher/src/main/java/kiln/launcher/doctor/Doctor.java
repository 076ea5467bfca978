package kiln.launcher.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kiln.bindings.CacheFolder;
import kiln.bindings.KernelClock;
import kiln.launcher.backend.CudaProbe;

/**
 * Looks at the machine that it runs on. Nothing is changed, but for a file in each folder that is tried out, which is removed
 * again.
 */
public final class Doctor {
  private final Machine machine;
  private final Path folder;

  /**
   * @param folder where runs or data are to lie
   */
  public Doctor(Path folder) {
    this(Machine.here(), folder);
  }

  Doctor(Machine machine, Path folder) {
    this.machine = machine;
    this.folder = folder;
  }

  public List<Finding> examine() {
    List<Finding> all = new ArrayList<>();
    all.addAll(JavaFindings.of(Runtime.version()));
    all.addAll(NativeFindings.of());
    all.addAll(new ProcessorFindings(machine).examine());
    all.addAll(new MemoryFindings(machine).examine());
    all.addAll(new GpuFindings(machine).examine());
    all.addAll(new CudaFindings(machine, CudaProbe::ask).examine());
    Stream.of(folder, CacheFolder.path())
        .map(path -> path.toAbsolutePath().normalize())
        .distinct()
        .forEach(path -> all.add(new FolderTrial(path).examine()));
    all.addAll(new NetworkFindings(machine).examine());
    all.add(ClockFindings.of(KernelClock.read()));
    all.addAll(new LauncherFindings(machine).examine());
    return all;
  }
}
