package kiln.data.parquet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;
import tools.jackson.databind.node.ObjectNode;

/** Captioned pictures inside Parquet files, as Hugging Face's data sets have them. */
public final class ParquetSource implements RawSource {
  static final String NO_PICTURE = "row without picture";
  private static final String BYTES = ".bytes";
  private static final String PATH = ".path";

  private final TableFiles files;
  private final ParquetOptions options;

  /** Columns of one file. */
  private record Bound(
      Field image, Optional<Field> path, Optional<Field> caption, Optional<Field> key, Set<String> truth) {}

  /**
   * @param files Parquet files with the same columns
   * @throws UserException if the first file that can be read lacks a column
   */
  public ParquetSource(TableFiles files, ParquetOptions options) {
    this.files = files;
    this.options = options;
    files.checkColumns(this::bind);
  }

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("files", files.keys());
    settings.put("imageColumn", options.imageColumn());
    settings.put("captionColumn", options.captionColumn().orElse(null));
    settings.put("keyColumn", options.keyColumn().orElse(null));
    settings.put("truthColumns", options.truthColumns());
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

  private String image(MessageType schema) {
    String name = options.imageColumn();
    return Field.find(schema, name).isEmpty() && Field.find(schema, name + BYTES).isPresent() ? name + BYTES : name;
  }

  private Columns bind(ParquetTable table) throws UnusableException {
    Columns columns = new Columns(table);
    Field image = columns.find(image(table.schema()));
    if (!image.isBinary()) {
      throw new UnusableException(
          Columns.MISSING, table.name() + ": column " + image.name() + ": expected bytes, found " + image.type().getPrimitiveTypeName());
    }
    if (options.captionColumn().isPresent()) {
      Field caption = columns.find(options.captionColumn().get());
      if (!caption.isBinary()) {
        throw new UnusableException(
            Columns.MISSING, table.name() + ": column " + caption.name() + ": expected text, found " + caption.type().getPrimitiveTypeName());
      }
    }
    if (options.keyColumn().isPresent()) {
      columns.find(options.keyColumn().get());
    }
    return columns;
  }

  private TableRows.Binding<RawSample> binding(ParquetTable table) throws UnusableException {
    Columns columns = bind(table);
    Set<String> truth = columns.others(options.truthColumns());
    String image = image(table.schema());
    Optional<Field> path =
        image.endsWith(BYTES)
            ? Field.find(columns.schema(), image.substring(0, image.length() - BYTES.length()) + PATH)
            : Optional.empty();
    Bound bound =
        new Bound(
            columns.bound(image),
            path,
            options.captionColumn().map(columns::bound),
            options.keyColumn().map(columns::bound),
            truth);
    return new TableRows.Binding<>(columns.schema(), (row, origin, key) -> sample(bound, row, origin, key));
  }

  private static RawSample sample(Bound bound, Group row, String origin, String key) throws UnusableException {
    byte[] picture = bound.image.bytes(row);
    if (picture == null || picture.length == 0) {
      throw new UnusableException(NO_PICTURE, origin + ": has no bytes in " + bound.image.name());
    }
    byte[] caption = bound.caption.map(field -> field.bytes(row)).orElse(null);
    String own = bound.key.map(field -> field.text(row)).orElse(null);
    ObjectNode truth = RowJson.object(row, bound.truth);
    bound.path.map(field -> field.text(row)).ifPresent(text -> truth.put("path", text));
    return new RawSample(
        own == null ? key : own, origin, RawSample.EncodedPicture.of(picture), caption, RowJson.text(truth));
  }
}
