package kiln.data.parquet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import org.apache.parquet.example.data.Group;
import tools.jackson.databind.node.ObjectNode;

/** Captioned pictures inside Parquet files, as Hugging Face's data sets have them. */
public final class ParquetSource implements RawSource {
  static final String NO_PICTURE = "row without picture";
  static final String TOO_LARGE = "image file too large";
  private static final String BYTES = ".bytes";
  private static final String PATH = ".path";

  private final TableFiles files;
  private final ParquetOptions options;

  /** What is read of one file. */
  private record Bound(
      Field image, Optional<Field> path, Optional<Field> caption, Optional<Field> key, Set<String> truth, long limit) {}

  /**
   * @param files Parquet files with the same columns
   * @throws UserException if the first file that can be read lacks a column
   */
  public ParquetSource(TableFiles files, ParquetOptions options) {
    this.files = files;
    this.options = options;
    files.checkColumns(this::find);
  }

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("files", files.patterns());
    settings.put("numFiles", files.files().size());
    settings.put("imageColumns", options.imageColumns());
    settings.put("captionColumns", options.captionColumns());
    settings.put("keyColumn", options.keyColumn().orElse(null));
    settings.put("truthColumns", options.truthColumns());
    settings.put("maxPictureBytes", options.maxPictureBytes());
    return settings;
  }

  @Override
  public OptionalLong count() {
    return files.numRows();
  }

  @Override
  public RawSamples open(SkipReport skips) {
    TableRows<RawSample> rows = new TableRows<>(files.files(), this::binding, skips);
    return new RawSamples() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public RawSample next() {
        return rows.next();
      }

      @Override
      public void close() {
        rows.close();
      }
    };
  }

  /** Columns by their places in the file, of which the binding's are a part. */
  private record Found(Columns columns, Field image, Optional<Field> caption, Optional<Field> key) {}

  private Found find(ParquetTable table) throws UnusableException {
    Columns columns = new Columns(table);
    List<String> images = options.imageColumns().stream().flatMap(name -> Stream.of(name, name + BYTES)).toList();
    Field image = binary(table, columns.first(images), "bytes of pictures");
    Optional<Field> caption = Optional.empty();
    if (!options.captionColumns().isEmpty()) {
      caption = Optional.of(binary(table, columns.first(options.captionColumns()), "text"));
    }
    Optional<Field> key = Optional.empty();
    if (options.keyColumn().isPresent()) {
      key = Optional.of(columns.find(options.keyColumn().get()));
    }
    return new Found(columns, image, caption, key);
  }

  private static Field binary(ParquetTable table, Field field, String expected) throws UnusableException {
    if (!field.isBinary()) {
      String found = field.type().getPrimitiveTypeName().toString();
      throw new UnusableException(
          Columns.MISSING, table.name() + ": column " + field.name() + ": expected " + expected + ", found " + found);
    }
    return field;
  }

  private TableRows.Binding<RawSample> binding(ParquetTable table) throws UnusableException {
    Found found = find(table);
    Columns columns = found.columns;
    Set<String> truth = columns.others(options.truthColumns());
    if (found.caption.isPresent() && found.caption.get().isNested() && options.truthColumns().equals(UrlTableOptions.ALL)) {
      truth.add(columns.topLevel(found.caption.get())); // the other captions of its list
    }
    String image = found.image.name();
    Optional<Field> path =
        image.endsWith(BYTES)
            ? Field.find(columns.schema(), image.substring(0, image.length() - BYTES.length()) + PATH)
            : Optional.empty();
    Bound bound =
        new Bound(
            columns.bound(found.image),
            path,
            found.caption.map(columns::bound),
            found.key.map(columns::bound),
            truth,
            options.maxPictureBytes());
    return new TableRows.Binding<>(columns.schema(), (row, origin, key) -> sample(bound, row, origin, key));
  }

  private static RawSample sample(Bound bound, Group row, String origin, String key) throws UnusableException {
    byte[] picture = bound.image.bytes(row);
    if (picture == null || picture.length == 0) {
      throw new UnusableException(NO_PICTURE, origin + ": has no bytes in " + bound.image.name());
    }
    if (picture.length > bound.limit) {
      throw new UnusableException(
          TOO_LARGE, origin + ": picture of " + picture.length + " bytes, at most " + bound.limit + " are read");
    }
    byte[] caption = bound.caption.map(field -> field.bytes(row)).orElse(null);
    String own = bound.key.map(field -> field.text(row)).orElse(null);
    ObjectNode truth = RowJson.object(row, bound.truth);
    bound.path.map(field -> field.text(row)).ifPresent(text -> truth.put("path", text));
    return new RawSample(
        own == null ? key : own, origin, RawSample.EncodedPicture.of(picture), caption, RowJson.text(truth));
  }
}
