package kiln.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What many tests begin with: a small data set, a trained autoencoder and a finished run. Made once, when first asked for. */
public final class TinyRuns {
  private static Path root;
  private static Path data;
  private static Path vae;
  private static Path finished;

  private TinyRuns() {}

  /** 64 samples for training and 16 for validation, 32×32 pixels, in blocks of 8. */
  public static synchronized Path data() {
    if (data == null) {
      Path folder = root().resolve("data");
      KilnProcess.runHere(
              "data", "typography", "--out", folder.toString(), "--count", "64", "--validation-count", "16",
              "--block-size", "8", "--caption-length", "32")
          .assertOk();
      data = folder;
    }
    return data;
  }

  /** A run of preset tiny-vae, of two steps. */
  public static synchronized Path vae() {
    if (vae == null) {
      Path folder = root().resolve("vae");
      KilnProcess.run("train", "--preset", "tiny-vae", "--data", data().toString(), "--out", folder.toString(), "--steps", "2")
          .assertOk();
      vae = folder;
    }
    return vae;
  }

  /** A run of preset tiny of 12 steps on one rank, with checkpoints of steps 6 and 12. Copy it before you change it. */
  public static synchronized Path finished() {
    if (finished == null) {
      Path folder = root().resolve("finished");
      KilnProcess.run(train(folder)).assertOk();
      finished = folder;
    }
    return finished;
  }

  /** The command that trains preset tiny on one rank, and then {@code more}. */
  public static String[] train(Path out, String... more) {
    return trainOn(data(), out, more);
  }

  /** The same with other data. */
  public static String[] trainOn(Path data, Path out, String... more) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("train", "--preset", "tiny", "--data", data.toString(), "--out", out.toString()));
    command.addAll(List.of("--vae", vae().toString()));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  /** Copies a folder with all that is in it; {@code to} must not exist. */
  public static Path copy(Path from, Path to) {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void delete(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path root() {
    if (root == null) {
      try {
        Path made = Files.createTempDirectory("kiln-launcher-test");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made)));
        root = made;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return root;
  }
}
