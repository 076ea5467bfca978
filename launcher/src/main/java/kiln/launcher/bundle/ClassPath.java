package kiln.launcher.bundle;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Kiln is made of: folders of classes and jars, each module once.
 *
 * @param entries in the order in which classes are looked for
 */
record ClassPath(List<Entry> entries) {
  /** A module's classes as Maven leaves them: {@code model/target/classes}. */
  private static final Pattern MODULE = Pattern.compile("([^/]+)/target/(test-)?classes");

  private static final Pattern VERSIONED = Pattern.compile("(kiln-[a-z]+)-\\d[^/]*?(-tests)?\\.jar");

  /**
   * @param name of the jar that it becomes
   * @param place folder or jar
   */
  record Entry(String name, Path place) {}

  /** A file of an entry, read while the entry is open. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param name relative to the entry, with slashes
     */
    void visit(String name, Path file) throws IOException;
  }

  /** What this process runs from. */
  static ClassPath ofProcess() {
    return of(System.getProperty("java.class.path"));
  }

  /** A module that lies there as a folder and as a jar is taken from what comes first. */
  static ClassPath of(String classPath) {
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String element : classPath.split(File.pathSeparator)) {
      Path place = Path.of(element).toAbsolutePath().normalize();
      if (Files.exists(place)) {
        String name = name(place, entries.size());
        if (names.add(name)) {
          entries.add(new Entry(name, place));
        }
      }
    }
    return new ClassPath(List.copyOf(entries));
  }

  private static String name(Path place, int index) {
    String file = place.getFileName().toString();
    if (Files.isDirectory(place)) {
      Matcher module = MODULE.matcher(place.toString());
      boolean found = module.find() && module.end() == place.toString().length();
      return found ? "kiln-" + module.group(1) + (module.group(2) == null ? "" : "-tests") + ".jar" : "classes-" + index + ".jar";
    }
    Matcher versioned = VERSIONED.matcher(file);
    return versioned.matches() ? versioned.group(1) + (versioned.group(2) == null ? "" : "-tests") + ".jar" : file;
  }

  /** Visits all files of an entry in the order of their names. */
  static void walk(Entry entry, Visitor visitor) throws IOException {
    if (Files.isDirectory(entry.place())) {
      walk(entry.place(), visitor);
      return;
    }
    try (FileSystem jar = FileSystems.newFileSystem(entry.place())) {
      walk(jar.getPath("/"), visitor);
    }
  }

  private static void walk(Path root, Visitor visitor) throws IOException {
    record Named(String name, Path file) {}
    List<Named> files;
    try (Stream<Path> tree = Files.walk(root)) {
      files =
          tree.filter(Files::isRegularFile)
              .map(file -> new Named(root.relativize(file).toString(), file))
              .sorted((a, b) -> a.name().compareTo(b.name()))
              .toList();
    }
    for (Named named : files) {
      visitor.visit(named.name(), named.file());
    }
  }
}
