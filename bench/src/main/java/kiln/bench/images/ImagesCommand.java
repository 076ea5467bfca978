package kiln.bench.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.image.PictureFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kiln bench images}. */
@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Images per second that one thread prepares: decode, resize, crop to a bucket.",
      "",
      "With --peer beside a loop with Pillow that does the same to the same files, by turns; once plainly, and for JPEG once"
          + " with Pillow's draft mode, which decodes at a half or a quarter of the size where Kiln does. Nothing else should"
          + " run beside it."
    })
public final class ImagesCommand implements Callable<Integer> {
  @Option(names = "--peer", paramLabel = "PYTHON", description = "Interpreter that has Pillow.")
  private String python;

  @Option(names = "--count", paramLabel = "N", defaultValue = "16", description = "Pictures of each format.")
  private int count;

  @Option(names = "--side", paramLabel = "N", defaultValue = "1024", description = "Pixels of both sides of the pictures.")
  private int side;

  @Option(names = "--size", paramLabel = "N", defaultValue = "256,512", split = ",", description = "Sides of the buckets.")
  private List<Integer> sizes;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "7", description = "Turns of each; medians are printed.")
  private int rounds;

  @Override
  public Integer call() throws IOException {
    if (count < 1 || side < 16 || rounds < 1) {
      throw new UserException("--count, --side, --rounds: expected at least 1, 16, 1");
    }
    Path folder = Files.createTempDirectory("kiln-images");
    try (Peer peer = python == null ? null : new Peer(python, Path.of("bench/peers/images.py").toAbsolutePath())) {
      System.out.printf(
          Locale.ROOT, "%d pictures of %dx%d, one thread; JPEG by %s%s%n%n",
          count, side, side, PictureFile.jpegDecoder(), peer == null ? "" : "; Pillow " + peer.version());
      System.out.println("files  bucket   Kiln/s  Pillow/s  ratio  with draft  ratio");
      for (String format : List.of("jpg", "png")) {
        List<Path> files = TestPictures.write(folder, format, count, side);
        for (int size : sizes) {
          System.out.println(line(format, files, size, peer));
        }
      }
    } finally {
      delete(folder);
    }
    return 0;
  }

  private String line(String format, List<Path> files, int size, Peer peer) {
    Preparation kiln = new Preparation(files.stream().map(ImagesCommand::bytes).toList(), size);
    boolean draft = peer != null && format.equals("jpg");
    double[] own = new double[rounds];
    double[] plain = new double[rounds];
    double[] drafted = new double[rounds];
    DoubleSupplier pillow = peer == null ? () -> Double.NaN : () -> peer.seconds(false, size, files);
    DoubleSupplier withDraft = draft ? () -> peer.seconds(true, size, files) : () -> Double.NaN;
    for (int i = -2; i < rounds; i++) { // two turns to warm up
      int round = Math.max(i, 0);
      own[round] = kiln.seconds();
      plain[round] = pillow.getAsDouble();
      drafted[round] = withDraft.getAsDouble();
    }
    double rate = files.size() / median(own);
    double pillowRate = files.size() / median(plain);
    double draftRate = files.size() / median(drafted);
    return String.format(
            Locale.ROOT, "%-5s  %6d  %7.1f  %8s  %5s  %10s  %5s", format, size, rate, number("%.1f", pillowRate),
            number("%.2f", rate / pillowRate), number("%.1f", draftRate), number("%.2f", rate / draftRate))
        .stripTrailing();
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
