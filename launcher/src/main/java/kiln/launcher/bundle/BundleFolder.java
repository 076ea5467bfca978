package kiln.launcher.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import kiln.bindings.UserException;
import kiln.launcher.jvm.JvmOptions;

/**
 * The files of a bundle, as they lie after unpacking.
 *
 * <pre>
 *   kiln            the command
 *   check.sh        runs the checks on a GPU        (gpu)
 *   jvm.options     arguments of the JVM
 *   runtime/        Java
 *   resources/      on the class path: native libraries, golden values (gpu)
 *   lib/            jars
 * </pre>
 */
final class BundleFolder {
  private static final String NATIVE = "kiln/native/linux-x86_64/";
  private static final String KERNELS = NATIVE + "kiln_cuda.fatbin";
  private static final String CHECKS = "kiln/bench/gpu/";
  private static final String CHECK_SCRIPT = CHECKS + "check.sh";
  private static final String GOLDEN_LIST = CHECKS + "goldens.txt";

  /** What jna, jna-platform and jffi bring for other systems and processors. */
  private static final Pattern FOREIGN =
      Pattern.compile(
          "com/sun/jna/(?!linux-x86-64/)[^/]+/[^/]+\\.(so|dll|jnilib|a)|jni/(?!x86_64-Linux/).*|com/sun/jna/platform/(win32|mac|wince)/.*");

  /** JMH, for one benchmark of bench on processors. */
  private static final Pattern LEFT_OUT = Pattern.compile("(jmh-core|jopt-simple|commons-math3)-.*\\.jar");

  private final Path folder;
  private final ClassPath classPath;
  private final boolean gpu;
  private final List<String> goldens;
  private final Set<String> taken = new HashSet<>();

  /**
   * @param folder to make
   * @param gpu whether CUDA kernels, checks and the values that they compare with belong to it
   * @throws UserException if they do and are not on the class path
   */
  BundleFolder(Path folder, ClassPath classPath, boolean gpu) throws IOException {
    this.folder = folder;
    this.classPath = classPath;
    this.gpu = gpu;
    this.goldens = gpu ? goldens() : List.of();
  }

  private static List<String> goldens() throws IOException {
    return new String(resource(GOLDEN_LIST, "the checks of bench"), StandardCharsets.UTF_8).lines().toList();
  }

  /** Makes all files but those of the Java runtime. */
  void fill() throws IOException {
    Files.createDirectories(folder.resolve("lib"));
    for (ClassPath.Entry entry : classPath.entries()) {
      if (LEFT_OUT.matcher(entry.name()).matches()) {
        continue;
      }
      try (StoredJar jar = new StoredJar(folder.resolve("lib").resolve(entry.name()))) {
        ClassPath.walk(entry, (name, file) -> place(name, file, jar));
      }
    }
    require(NATIVE + "libkiln_cpu.so", "./kiln build");
    script("kiln", resource("kiln/launcher/bundle/kiln.sh", "the starter"));
    Files.write(folder.resolve("jvm.options"), JvmOptions.all());
    Files.write(folder.resolve("LICENSE"), resource("kiln/launcher/bundle/LICENSE", "the licence"));
    if (gpu) {
      require(KERNELS, "a build with nvcc of CUDA 12.8 or newer (CUDA_HOME, PATH)");
      for (String golden : goldens) {
        require(golden, "model's test jar");
      }
      script("check.sh", resource(CHECK_SCRIPT, "the checks of bench"));
    }
  }

  private void place(String name, Path file, StoredJar jar) throws IOException {
    if (name.startsWith(NATIVE)) {
      if (gpu || !name.equals(KERNELS)) {
        copy(file, name, name);
      }
    } else if (isGolden(name)) {
      copy(file, name, goldens.stream().filter(name::startsWith).findFirst().orElse(""));
    } else if (!name.startsWith("golden") && !FOREIGN.matcher(name).matches()) {
      jar.add(name, file);
    }
  }

  private boolean isGolden(String name) {
    return goldens.stream().anyMatch(golden -> name.equals(golden) || name.startsWith(golden + "/"));
  }

  /** The first one of that name on the class path is the one that is used. */
  private void copy(Path file, String name, String wanted) throws IOException {
    taken.add(wanted);
    Path place = folder.resolve("resources").resolve(name);
    if (!Files.exists(place)) {
      Files.createDirectories(place.getParent());
      Files.write(place, Files.readAllBytes(file));
    }
  }

  private void require(String name, String expected) {
    if (!taken.contains(name)) {
      throw new UserException("bundle: found no " + name + " on the class path, expected " + expected);
    }
  }

  private void script(String name, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static byte[] resource(String name, String what) throws IOException {
    try (InputStream in = BundleFolder.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new UserException("bundle: expected " + what + " on the class path, found no " + name);
      }
      return in.readAllBytes();
    }
  }
}
