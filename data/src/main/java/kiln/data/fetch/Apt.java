package kiln.data.fetch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/** {@code apt-get}, which checks what it fetches against signed lists; sources.list(5) describes the files that it reads. */
public final class Apt {
  private static final Path SOURCES = Path.of("/etc/apt/sources.list");
  private static final Path SOURCE_PARTS = Path.of("/etc/apt/sources.list.d");
  private static final Path DEBIAN = SOURCE_PARTS.resolve("debian.sources");
  private static final Pattern ONE_LINE = Pattern.compile("(?m)^deb(?=[ \\t])");
  private static final Pattern STANZA = Pattern.compile("(?m)^Types:.*$");

  private Apt() {}

  /**
   * Installs packages on the system; needs root.
   *
   * @throws UserException if apt-get does not
   */
  public static void install(List<String> packages) {
    withFolder(
        Path.of(System.getProperty("java.io.tmpdir")),
        work -> {
          SystemCommand.run(work, List.of("apt-get", "update"));
          List<String> command = new ArrayList<>(List.of("apt-get", "install", "-y", "--no-install-recommends"));
          command.addAll(packages);
          SystemCommand install = SystemCommand.run(work, command);
          if (!install.succeeded()) {
            throw new UserException("apt-get install " + String.join(" ", packages) + " failed: " + install.error());
          }
          return null;
        });
  }

  /**
   * Fetches a package into a folder, by the system's lists or, if they have never been fetched, by private ones, which need no
   * rights and change nothing on the machine.
   *
   * @throws UserException if apt-get does not give it
   */
  static Path download(Path work, String name) throws IOException {
    if (!SystemCommand.run(work, List.of("apt-get", "download", name)).succeeded()) {
      List<String> options = privateLists(work);
      SystemCommand update = SystemCommand.run(work, aptGet(options, "update"));
      SystemCommand again = update.succeeded() ? SystemCommand.run(work, aptGet(options, "download", name)) : update;
      if (!again.succeeded()) {
        throw new UserException("apt-get download " + name + " failed: " + again.error());
      }
    }
    return find(work, ".deb", "apt-get download " + name);
  }

  /**
   * Fetches the archive of what the authors of a package published, by private lists of sources at the places where the
   * system has its packages from.
   *
   * @param version of the source package
   * @throws UserException if apt-get does not give it
   */
  static Path downloadSource(Path work, String name, String version) throws IOException {
    List<String> options = new ArrayList<>(privateLists(work));
    options.addAll(List.of("-o", "Dir::Etc::SourceList=/dev/null", "-o", "Dir::Etc::SourceParts=" + sourceLists(work)));
    SystemCommand update = SystemCommand.run(work, aptGet(options, "update"));
    String wanted = name + "=" + version;
    SystemCommand source = SystemCommand.run(work, aptGet(options, "source", "--download-only", wanted));
    if (!source.succeeded()) {
      String why = update.succeeded() ? source.error() : update.error();
      throw new UserException("apt-get source " + wanted + " failed: " + why);
    }
    return find(work, ".orig.tar.xz", "apt-get source " + wanted);
  }

  private static List<String> privateLists(Path work) throws IOException {
    Path state = Files.createDirectories(work.resolve("apt/lists/partial")).getParent();
    Path archives = Files.createDirectories(work.resolve("apt/cache/archives/partial")).getParent().getParent();
    return List.of(
        "-o", "Dir::State::Lists=" + state,
        "-o", "Dir::Cache=" + archives,
        "-o", "Debug::NoLocking=1",
        "-o", "APT::Sandbox::User=root"); // apt's own user may have no right to the folder
  }

  private static Path sourceLists(Path work) throws IOException {
    Path folder = Files.createDirectories(work.resolve("apt/sources"));
    List<Path> lists = Stream.of(SOURCES, DEBIAN).filter(Files::isRegularFile).toList();
    if (lists.isEmpty()) {
      try (Stream<Path> parts = Files.list(SOURCE_PARTS)) {
        lists = parts.filter(file -> file.toString().matches(".*\\.(list|sources)")).toList();
      }
    }
    for (Path list : lists) {
      Path copy = folder.resolve(list.equals(SOURCES) ? "main.list" : list.getFileName().toString());
      String text = Files.readString(list);
      Files.writeString(copy, STANZA.matcher(ONE_LINE.matcher(text).replaceAll("deb-src")).replaceAll("Types: deb-src"));
    }
    return folder;
  }

  private static List<String> aptGet(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>(List.of("apt-get"));
    command.addAll(options);
    command.addAll(List.of(arguments));
    return command;
  }

  private static Path find(Path work, String ending, String command) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .findFirst()
          .orElseThrow(() -> new UserException(command + " left no file *" + ending));
    }
  }

  /** Something to do in a folder. */
  interface Work<T> {
    T in(Path folder) throws IOException;
  }

  /**
   * Does it in a new folder, which is gone afterwards.
   *
   * @throws UserException if there is no room or no right
   */
  static <T> T withFolder(Path parent, Work<T> work) {
    try {
      Path folder = Files.createTempDirectory(Files.createDirectories(parent), ".fetch-");
      try {
        return work.in(folder);
      } finally {
        deleteTree(folder);
      }
    } catch (IOException e) {
      throw new UserException("cannot work in " + parent + ": " + e.getMessage(), e);
    }
  }

  private static void deleteTree(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
