package kiln.launcher.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.folder.ImageFolderOptions;
import kiln.data.folder.ImageFolderSource;
import kiln.data.input.Inputs;
import kiln.data.jsonl.JsonLinesOptions;
import kiln.data.jsonl.JsonLinesSource;
import kiln.data.parquet.ParquetOptions;
import kiln.data.parquet.ParquetSource;
import kiln.data.parquet.TableFiles;
import kiln.data.prepare.CaptionedSource;
import kiln.data.prepare.PreparationOptions;
import kiln.data.source.MixedSource;
import kiln.data.source.RawSource;
import kiln.data.source.Source;
import kiln.data.stamps.StampsOptions;
import kiln.data.stamps.StampsSource;
import kiln.data.typography.TypographyOptions;
import kiln.data.typography.TypographySource;
import kiln.data.webdataset.WebDatasetOptions;
import kiln.data.webdataset.WebDatasetSource;

/** The sources that {@code --mix} names, each with the usual columns and fields of its kind. */
final class MixParts {
  private final PreparationOptions preparation;
  private final long seed;
  private final Inputs inputs;

  MixParts(PreparationOptions preparation, long seed, Inputs inputs) {
    this.preparation = preparation;
    this.seed = seed;
    this.inputs = inputs;
  }

  /** What kinds there are, and how their files' names end. */
  private enum Kind {
    WEBDATASET(".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2"),
    PARQUET(".parquet"),
    JSONL(".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"),
    FOLDER;

    private final List<String> endings;

    Kind(String... endings) {
      this.endings = List.of(endings);
    }

    boolean fits(String location) {
      String name = location.toLowerCase(Locale.ROOT);
      return endings.stream().anyMatch(name::endsWith);
    }

    String prefix() {
      return name().toLowerCase(Locale.ROOT) + ":";
    }
  }

  /**
   * @param mix {@code SOURCE=WEIGHT}, several with commas between; commas in braces belong to a source
   */
  List<MixedSource.Part> parse(List<String> mix) {
    List<MixedSource.Part> parts = new ArrayList<>();
    for (String given : mix) {
      for (String item : split(given)) {
        int equals = item.lastIndexOf('=');
        String name = equals < 0 ? item : item.substring(0, equals);
        if (equals < 1) {
          throw new UserException("--mix " + item + ": expected SOURCE=WEIGHT");
        }
        parts.add(new MixedSource.Part(name, source(name), weight(item, item.substring(equals + 1))));
      }
    }
    return parts;
  }

  private static List<String> split(String text) {
    List<String> items = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '{' -> depth++;
        case '}' -> depth--;
        case ',' -> {
          if (depth == 0) {
            items.add(text.substring(start, i));
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    items.add(text.substring(start));
    return items;
  }

  private static double weight(String item, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new UserException("--mix " + item + ": expected SOURCE=WEIGHT, the weight a number", e);
    }
  }

  private Source source(String name) {
    BucketTable buckets = preparation.buckets();
    if (name.equals("stamps")) {
      StampsOptions usual = StampsOptions.defaults(1, 2, seed);
      StampsOptions options =
          new StampsOptions(
              buckets, usual.captionsPerImage(), usual.validationPerImage(), seed, usual.weights(), usual.holdoutLanguages());
      return StampsSource.ofDebian(options, System.err::println);
    }
    if (name.equals("typography")) {
      TypographyOptions usual = TypographyOptions.defaults(16, 2, 16384, seed);
      TypographyOptions options =
          new TypographyOptions(
              buckets,
              usual.count(),
              usual.validationCount(),
              seed,
              usual.singleCharacters(),
              usual.characters(),
              usual.plain(),
              usual.shortCaptions(),
              usual.holdoutFonts());
      return TypographySource.ofMachine(options, System.err::println);
    }
    return new CaptionedSource(raw(name), preparation);
  }

  private RawSource raw(String name) {
    for (Kind kind : Kind.values()) {
      if (name.startsWith(kind.prefix())) {
        return raw(kind, name.substring(kind.prefix().length()));
      }
    }
    for (Kind kind : Kind.values()) {
      if (kind.fits(name)) {
        return raw(kind, name);
      }
    }
    if (Inputs.isLocal(name) && Files.isDirectory(Path.of(name))) {
      return raw(kindOfFolder(Path.of(name)), name);
    }
    throw new UserException(
        "--mix " + name + ": expected stamps, typography, a folder, or names that end in .tar, .parquet or .jsonl"
            + " (webdataset:…, parquet:…, jsonl:… and folder:… say what others are)");
  }

  /** Of shards or tables if there are any right in it. */
  private static Kind kindOfFolder(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      if (names.stream().anyMatch(Kind.WEBDATASET::fits)) {
        return Kind.WEBDATASET;
      }
      return names.stream().anyMatch(Kind.PARQUET::fits) ? Kind.PARQUET : Kind.FOLDER;
    } catch (IOException e) {
      throw new UserException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  private RawSource raw(Kind kind, String location) {
    long limit = preparation.limits().fileBytes();
    return switch (kind) {
      case WEBDATASET ->
          new WebDatasetSource(
              List.of(location), new WebDatasetOptions(List.of("caption", "text"), limit, OptionalLong.empty(), 2), inputs);
      case PARQUET -> {
        ParquetOptions usual = ParquetOptions.defaults();
        ParquetOptions options =
            new ParquetOptions(
                usual.imageColumns(), usual.captionColumns(), usual.keyColumn(), usual.truthColumns(), limit);
        yield new ParquetSource(TableFiles.of(List.of(location), inputs), options);
      }
      case JSONL -> {
        JsonLinesOptions usual = JsonLinesOptions.defaults();
        JsonLinesOptions options =
            new JsonLinesOptions(
                usual.imageFields(),
                usual.base64Fields(),
                usual.captionFields(),
                usual.keyField(),
                usual.imageRoot(),
                usual.maxLineBytes(),
                limit);
        yield new JsonLinesSource(List.of(location), options, inputs);
      }
      case FOLDER ->
          new ImageFolderSource(
              Path.of(location), new ImageFolderOptions(ImageFolderOptions.defaults().captionFields(), limit), inputs);
    };
  }
}
