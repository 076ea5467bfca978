package kiln.launcher.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import kiln.bindings.NativeLibraries;
import kiln.collectives.Communicator;
import kiln.launcher.Launcher;

/**
 * Which Kiln runs: its version, and a checksum over the code that ranks must have in common. It is the same for folders of class
 * files and for jars, wherever they lie.
 *
 * @param checksum CRC-32C of the names and CRC-32s of all class files of bindings, collectives and launcher
 */
record KilnBuild(String version, long checksum) {
  static final String VERSION = "0.1.0";

  /** Of the class files of this process. */
  static KilnBuild current() {
    CRC32C sum = new CRC32C();
    for (Class<?> one : List.of(NativeLibraries.class, Communicator.class, Launcher.class)) {
      try {
        add(Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI()), sum);
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new KilnBuild(VERSION, sum.getValue());
  }

  private static void add(Path place, CRC32C sum) throws IOException {
    if (Files.isDirectory(place)) {
      try (Stream<Path> tree = Files.walk(place)) {
        for (Path file : tree.filter(path -> path.toString().endsWith(".class")).sorted(byName(place)).toList()) {
          CRC32 content = new CRC32();
          content.update(Files.readAllBytes(file));
          add(name(place, file), content.getValue(), sum);
        }
      }
      return;
    }
    try (ZipFile jar = new ZipFile(place.toFile())) {
      jar.stream()
          .filter(entry -> entry.getName().endsWith(".class"))
          .sorted(Comparator.comparing(ZipEntry::getName))
          .forEach(entry -> add(entry.getName(), entry.getCrc(), sum));
    }
  }

  private static Comparator<Path> byName(Path place) {
    return Comparator.comparing(file -> name(place, file));
  }

  private static String name(Path place, Path file) {
    return place.relativize(file).toString();
  }

  private static void add(String name, long content, CRC32C sum) {
    sum.update((name + " " + content + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "%s, build %08x".formatted(version, checksum);
  }
}
