package kiln.launcher.setup;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import kiln.bindings.UserException;

/** A jar from Java sources, by the compiler of the JDK that runs. */
final class JarMaker {
  private JarMaker() {}

  /**
   * @param sources in one folder, which takes the classes
   * @param manifest entries by name
   * @param jar appears at once and whole
   * @throws UserException if there is no compiler or it finds errors
   */
  static void make(List<Path> sources, Map<String, String> manifest, Path jar) throws IOException {
    Path classes = Files.createDirectory(sources.getFirst().resolveSibling("classes"));
    compile(sources, classes);
    Path aside = jar.resolveSibling(".new-" + ProcessHandle.current().pid() + ".jar"); // not a temporary file: others may read it
    try {
      write(classes, manifest, aside);
      Files.move(aside, jar, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private static void compile(List<Path> sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new UserException("expected a JDK, found a Java without a compiler: " + System.getProperty("java.home"));
    }
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      List<String> options = List.of("-nowarn", "-proc:none", "-Xlint:none", "-d", classes.toString());
      if (!compiler.getTask(messages, files, null, options, null, files.getJavaFileObjectsFromPaths(sources)).call()) {
        throw new UserException("cannot compile: " + messages.toString().lines().findFirst().orElse("no message"));
      }
    }
  }

  private static void write(Path classes, Map<String, String> entries, Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    new TreeMap<>(entries).forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream stream = new JarOutputStream(out, manifest);
        Stream<Path> tree = Files.walk(classes)) {
      for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
        stream.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, stream);
        stream.closeEntry();
      }
    }
  }
}
