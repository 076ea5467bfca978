package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The program that this process runs, and another start of the same one in its place: {@code execv} of POSIX. The process
 * keeps its id, its parent, its standard streams and what else it inherited; what the JVM opened is closed, and handlers of
 * signals go back to what they were before the JVM.
 */
public final class ProcessImage {
  private static final Path SELF = Path.of("/proc/self");

  private ProcessImage() {}

  /** libc's functions, found when they are needed: what runs before may not use restricted methods silently. */
  private static final class Libc {
    // The values of Linux; native/checks/process_image.c compares them with the system's headers.
    static final int SIG_SETMASK = 2;
    static final int SIGSET_BYTES = 128;
    static final int OVERWRITE = 1;
    static final int F_SETFD = 2;
    static final int FD_CLOEXEC = 1;

    static final StructLayout STATE = Linker.Option.captureStateLayout();
    static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** int execv(const char *path, char *const argv[]) */
    static final MethodHandle EXECV = function("execv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

    /** int setenv(const char *name, const char *value, int overwrite) */
    static final MethodHandle SETENV = function("setenv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));

    /** int sigemptyset(sigset_t *set) */
    static final MethodHandle SIGEMPTYSET = function("sigemptyset", FunctionDescriptor.of(JAVA_INT, ADDRESS));

    /** int pthread_sigmask(int how, const sigset_t *set, sigset_t *oldset); returns the error, not errno */
    static final MethodHandle PTHREAD_SIGMASK =
        function("pthread_sigmask", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    /** int fcntl(int fd, int cmd, ...) */
    static final MethodHandle FCNTL =
        function(
            "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));

    /** char *strerror(int errnum) */
    static final MethodHandle STRERROR =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
      all[options.length] = Linker.Option.captureCallState("errno");
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, all);
    }
  }

  /**
   * Starts the running program again, in place, with the same arguments and more options before them. Returns only by
   * throwing. The JVM's warning of a native call that its options do not allow yet is kept back where standard error is a pipe
   * or a terminal.
   *
   * @param options go before all arguments, so that these prevail
   * @param variables to set in the environment; all others stay as they are
   * @throws NativeException if the system refuses
   */
  public static void restart(List<String> options, Map<String, String> variables) {
    try {
      Path program = SELF.resolve("exe").toRealPath();
      List<byte[]> arguments = arguments(Files.readAllBytes(SELF.resolve("cmdline")));
      arguments.addAll(1, options.stream().map(option -> option.getBytes(StandardCharsets.UTF_8)).toList());
      StandardError.withoutWarnings(() -> Libc.EXECV.type());
      closeOnExecv(jvmDescriptors());
      replace(program, arguments, variables);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Descriptors of the runtime's files and of the class path's, which the JVM opens so that they would outlive it. */
  private static List<Integer> jvmDescriptors() throws IOException {
    Path runtime = Path.of(System.getProperty("java.home")).toRealPath();
    Set<Path> classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(ProcessImage::realPath)
            .collect(Collectors.toSet());
    List<Integer> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(StandardError.DESCRIPTORS)) {
      for (Path descriptor : all.toList()) {
        Path target = Files.isRegularFile(descriptor) ? Files.readSymbolicLink(descriptor) : null;
        if (target != null && (target.startsWith(runtime) || classPath.contains(target))) {
          found.add(Integer.parseInt(descriptor.getFileName().toString()));
        }
      }
    }
    return found;
  }

  private static Path realPath(String entry) {
    try {
      return Path.of(entry).toRealPath();
    } catch (IOException e) {
      return Path.of(entry); // an entry that is not there has no descriptor
    }
  }

  static void closeOnExecv(List<Integer> descriptors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      for (int descriptor : descriptors) {
        int status = (int) Libc.FCNTL.invokeExact(state, descriptor, Libc.F_SETFD, Libc.FD_CLOEXEC);
        check(state, "fcntl", status, "descriptor " + descriptor);
      }
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  private static void replace(Path program, List<byte[]> arguments, Map<String, String> variables) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      for (Map.Entry<String, String> variable : variables.entrySet()) {
        MemorySegment name = arena.allocateFrom(variable.getKey());
        MemorySegment value = arena.allocateFrom(variable.getValue());
        check(state, "setenv", (int) Libc.SETENV.invokeExact(state, name, value, Libc.OVERWRITE), variable.getKey());
      }
      // The JVM blocks some signals in threads such as this one, and what a thread blocks outlives execv.
      MemorySegment none = arena.allocate(Libc.SIGSET_BYTES, Long.BYTES);
      check(state, "sigemptyset", (int) Libc.SIGEMPTYSET.invokeExact(state, none), "");
      int refused = (int) Libc.PTHREAD_SIGMASK.invokeExact(state, Libc.SIG_SETMASK, none, MemorySegment.NULL);
      if (refused != 0) {
        throw new NativeException("libc", "pthread_sigmask", refused, text(refused));
      }
      MemorySegment table = arena.allocate(ADDRESS, arguments.size() + 1L); // ends with a null pointer
      for (int i = 0; i < arguments.size(); i++) {
        byte[] argument = arguments.get(i);
        MemorySegment text = arena.allocate(argument.length + 1L); // ends with a zero byte
        MemorySegment.copy(argument, 0, text, JAVA_BYTE, 0, argument.length);
        table.setAtIndex(ADDRESS, i, text);
      }
      MemorySegment path = arena.allocateFrom(program.toString());
      check(state, "execv", (int) Libc.EXECV.invokeExact(state, path, table), program.toString());
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  private static void check(MemorySegment state, String function, int status, String subject) throws Throwable {
    if (status != 0) {
      int errno = (int) Libc.ERRNO.get(state, 0L);
      throw new NativeException("libc", function, errno, text(errno) + (subject.isEmpty() ? "" : ": " + subject));
    }
  }

  private static String text(int errno) throws Throwable {
    MemorySegment text = (MemorySegment) Libc.STRERROR.invokeExact(errno);
    return text.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** Arguments as the system keeps them, each followed by a zero byte; of any bytes. */
  static List<byte[]> arguments(byte[] commandLine) {
    List<byte[]> arguments = new ArrayList<>();
    int first = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        arguments.add(Arrays.copyOfRange(commandLine, first, i));
        first = i + 1;
      }
    }
    return arguments;
  }
}
