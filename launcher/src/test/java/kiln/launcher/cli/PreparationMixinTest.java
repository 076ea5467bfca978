package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.image.PictureLimits;
import kiln.data.prepare.CropPlace;
import kiln.data.prepare.Fit;
import kiln.data.prepare.PreparationOptions;
import kiln.data.queue.Manifest;
import kiln.launcher.telemetry.DatasetReport;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class PreparationMixinTest {
  @Command(name = "prepare")
  private static final class Prepare {
    @Mixin private PreparationMixin preparation;
  }

  private static PreparationOptions options(String... arguments) {
    Prepare prepare = new Prepare();
    CommandLine command = new CommandLine(prepare).setCaseInsensitiveEnumValuesAllowed(true);
    command.parseArgs(arguments);
    return prepare.preparation.options(command.getCommandSpec());
  }

  @Test
  void shouldHaveTheDefaultsOfTheRecord() {
    BucketTable buckets = new BucketTable(List.of(new BucketTable.Size(256, 256)), List.of(32, 64, 128, 256, 512, 1024));
    assertEquals(PreparationOptions.defaults(buckets), options());
  }

  @Test
  void shouldTakeEveryOption() {
    PreparationOptions found =
        options(
            "--size", "32x64,64", "--caption-length", "100,50", "--fit", "pad", "--crop", "random", "--min-size", "7",
            "--uncaptioned", "--skip-animated", "--validation-share", "0.5", "--no-scaled-decoding", "--max-file-size", "1MiB",
            "--max-pixels", "5", "--crop-seed", "9");
    BucketTable buckets =
        new BucketTable(List.of(new BucketTable.Size(32, 64), new BucketTable.Size(64, 64)), List.of(50, 100));
    assertEquals(
        new PreparationOptions(
            buckets, Fit.PAD, CropPlace.RANDOM, 7, true, true, 0.5, false, new PictureLimits(1 << 20, 5), 9),
        found);
  }

  @Test
  void shouldMakeBucketsOfAspectRatios() {
    assertEquals(BucketTable.aspectRatios(512, 64, 1024), options("--aspect-ratios", "512").buckets().sizes());
    assertEquals(
        BucketTable.aspectRatios(256, 32, 384),
        options("--aspect-ratios", "256", "--bucket-step", "32", "--longest", "384").buckets().sizes());
  }

  @Test
  void shouldRefuseOptionsThatDoNothingOrContradict() {
    for (String[] arguments :
        new String[][] {{"--bucket-step", "32"}, {"--longest", "512"}, {"--size", "32", "--aspect-ratios", "64"}}) {
      ParameterException e = assertThrows(ParameterException.class, () -> options(arguments));
      assertTrue(e.getMessage().startsWith("option " + arguments[0] + ": expected"), e.getMessage());
    }
    assertThrows(UserException.class, () -> options("--validation-share", "1"));
  }

  @Test
  void shouldPrintWhatBucketsWaste() {
    Map<String, Object> row = Map.of("samples", 4, "sourcePixels", 400, "croppedPixels", 100, "bucketPixels", 200,
        "paddedPixels", 20, "enlarged", 1, "tokens", 30, "paddedTokens", 10, "cutCaptions", 2, "cutBytes", 5);
    Map<String, Object> notes = Map.of("waste", Map.of("32x32 captions 16", row));
    Manifest manifest = Manifest.of("folder", Map.of(), 64, Map.of(), notes, List.of());
    StringWriter out = new StringWriter();
    DatasetReport.print(manifest, new PrintWriter(out));
    for (String bucket : List.of("32x32 captions 16", "all {14}")) {
      String line = "  " + bucket + " +4 +25\\.0% +10\\.0% +1 +25\\.0% +2";
      assertTrue(out.toString().lines().anyMatch(found -> found.matches(line)), out.toString());
    }
  }
}
