package kiln.data.fetch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kiln.bindings.UserException;

/**
 * A Debian package whose files are used without installing it: fetched with {@code apt-get download}, which checks it against
 * the signed package lists, and unpacked into the cache folder. A second use finds it there.
 *
 * @param name such as {@code fonts-dejavu-core}
 * @param below the folder inside the package that is wanted, such as {@code usr/share/fonts/}
 * @param wanted regular expression for the file names that are unpacked, the others being of no use
 */
public record DebianPackage(String name, String below, String wanted) {
  private static final long MINUTES = 10;

  /**
   * The folder with the package's files, fetched if it is not there yet. Several processes may ask at once.
   *
   * @param log told in one line what takes time
   * @throws UserException if apt-get is missing or does not give the package
   */
  public Path folder(Consumer<String> log) {
    return folder(CacheFolder.path(), log);
  }

  Path folder(Path cache, Consumer<String> log) {
    Path target = cache.resolve("packages").resolve(name);
    if (Files.isDirectory(target)) {
      return target;
    }
    try {
      Files.createDirectories(target.getParent());
      Path work = Files.createTempDirectory(target.getParent(), "." + name + "-");
      try {
        log.accept("fetching Debian package " + name + " into " + target);
        Path deb = download(work);
        Path unpacked = Files.createDirectory(work.resolve("unpacked"));
        if (DebFile.unpack(deb, below, wanted, unpacked) == 0) {
          throw new UserException(deb.getFileName() + ": holds no files " + wanted + " below " + below);
        }
        moveUnlessThere(unpacked, target);
      } finally {
        deleteTree(work);
      }
      return target;
    } catch (IOException e) {
      throw new UserException("package " + name + ": cannot be unpacked into " + target + ": " + e.getMessage(), e);
    }
  }

  private Path download(Path work) throws IOException {
    List<String> lines = new ArrayList<>();
    if (run(work, lines, List.of("apt-get", "download", name)) != 0) {
      // Package lists may never have been fetched here; private ones need no rights and change nothing on the machine.
      Path state = Files.createDirectories(work.resolve("apt/lists/partial")).getParent();
      Path archives = Files.createDirectories(work.resolve("apt/cache/archives/partial")).getParent().getParent();
      List<String> options =
          List.of("-o", "Dir::State::Lists=" + state, "-o", "Dir::Cache=" + archives, "-o", "Debug::NoLocking=1");
      List<String> update = new ArrayList<>(List.of("apt-get", "update"));
      update.addAll(options);
      List<String> again = new ArrayList<>(List.of("apt-get", "download", name));
      again.addAll(options);
      if (run(work, lines, update) != 0 || run(work, lines, again) != 0) {
        throw new UserException(
            "apt-get download " + name + " failed: " + lines.stream().filter(l -> l.startsWith("E:")).findFirst()
                .orElse(lines.isEmpty() ? "no output" : lines.getLast()));
      }
    }
    try (var files = Files.list(work)) {
      return files
          .filter(file -> file.toString().endsWith(".deb"))
          .findFirst()
          .orElseThrow(() -> new UserException("apt-get download " + name + " left no package file"));
    }
  }

  private int run(Path work, List<String> lines, List<String> command) throws IOException {
    Path output = work.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("LC_ALL", "C");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UserException("apt-get is missing; it is needed to fetch the Debian package " + name, e);
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        throw new UserException("apt-get did not finish in " + MINUTES + " minutes: " + String.join(" ", command));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted while fetching " + name);
    } finally {
      process.destroyForcibly();
    }
    lines.clear();
    lines.addAll(new String(Files.readAllBytes(output), StandardCharsets.UTF_8).lines().toList());
    return process.exitValue();
  }

  private static void moveUnlessThere(Path from, Path target) throws IOException {
    try {
      Files.move(from, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // Another process was faster, with the same files.
    } catch (IOException e) {
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
  }

  private static void deleteTree(Path folder) {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
