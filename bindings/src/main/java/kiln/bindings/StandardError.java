package kiln.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Standard error without the warning that a JVM prints at the first native call that its options do not allow. The JVM
 * writes it to the stream that {@code System.err} was at the start, whatever it is now. So this stream is closed meanwhile,
 * which sends its descriptor to the null device; another descriptor, opened before, is then put in its place.
 */
final class StandardError {
  static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final int NUMBER = 2; // STDERR_FILENO; native/checks/process_image.c compares it

  private StandardError() {}

  /**
   * Does {@code firstNativeCall}. The warning appears where standard error cannot be opened twice, as a socket, or should not
   * be, as a file: it would have two places to go on writing, and others write to it too.
   *
   * @throws NativeException if the descriptor cannot be put back
   */
  static void withoutWarnings(Runnable firstNativeCall) throws IOException {
    Path standard = DESCRIPTORS.resolve(Integer.toString(NUMBER));
    if (StandardError.class.getModule().isNativeAccessEnabled() || Files.isRegularFile(standard)) {
      firstNativeCall.run();
      return;
    }
    Path target = Files.readSymbolicLink(standard);
    Set<String> before = descriptorsOf(target);
    FileOutputStream second;
    try {
      second = new FileOutputStream(standard.toFile(), true);
    } catch (IOException e) {
      firstNativeCall.run();
      return;
    }
    Set<String> after = descriptorsOf(target);
    after.removeAll(before);
    if (after.size() != 1) { // somebody else opened the same file just now
      second.close();
      firstNativeCall.run();
      return;
    }
    PrintStream first = System.err;
    System.setErr(new PrintStream(second, true, Charset.forName(System.getProperty("stderr.encoding", "UTF-8"))));
    first.close();
    firstNativeCall.run();
    int descriptor = Integer.parseInt(after.iterator().next());
    putBack(descriptor);
    ProcessImage.closeOnExecv(List.of(descriptor));
  }

  private static Set<String> descriptorsOf(Path target) throws IOException {
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      return all.filter(descriptor -> leadsTo(descriptor, target))
          .map(descriptor -> descriptor.getFileName().toString())
          .collect(Collectors.toSet());
    }
  }

  private static boolean leadsTo(Path descriptor, Path target) {
    try {
      return Files.readSymbolicLink(descriptor).equals(target);
    } catch (IOException e) {
      return false; // closed meanwhile, as that of this very listing
    }
  }

  /** int dup2(int oldfd, int newfd) */
  private static void putBack(int descriptor) {
    Linker linker = Linker.nativeLinker();
    MethodHandle dup2 =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("dup2"), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    try {
      int status = (int) dup2.invokeExact(descriptor, NUMBER);
      if (status != NUMBER) {
        throw new NativeException("libc", "dup2", status, "standard error is lost");
      }
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
