package kiln.data.parquet;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import kiln.data.source.UnusableException;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Finds columns by the names that the user gave, and notes which top-level ones have to be read. */
final class Columns {
  static final String MISSING = "Parquet file without a column";

  private final ParquetTable table;
  private final Set<String> used = new LinkedHashSet<>();

  Columns(ParquetTable table) {
    this.table = table;
  }

  /**
   * @throws UnusableException naming the columns that there are
   */
  Field find(String name) throws UnusableException {
    return first(List.of(name));
  }

  /**
   * The first of these columns that the file has.
   *
   * @throws UnusableException naming the columns that there are
   */
  Field first(List<String> names) throws UnusableException {
    for (String name : names) {
      Optional<Field> field = Field.find(table.schema(), name);
      if (field.isPresent()) {
        used.add(topLevel(field.get()));
        return field.get();
      }
    }
    throw missing(String.join(" or ", names));
  }

  /** Name of the column that a field is in. */
  String topLevel(Field field) {
    return table.schema().getFieldName(field.path().getFirst());
  }

  private UnusableException missing(String wanted) {
    String found = String.join(", ", names(table.schema()));
    return new UnusableException(MISSING, table.name() + ": no column " + wanted + ", found " + found);
  }

  /**
   * The columns that are kept beside those found so far.
   *
   * @param wanted names, or {@link UrlTableOptions#ALL}
   */
  Set<String> others(List<String> wanted) throws UnusableException {
    Set<String> others = new LinkedHashSet<>();
    if (wanted.equals(UrlTableOptions.ALL)) {
      names(table.schema()).stream().filter(name -> !used.contains(name)).forEach(others::add);
    } else {
      for (String name : wanted) {
        if (!table.schema().containsField(name)) {
          throw missing(name);
        }
        others.add(name);
      }
    }
    used.addAll(others);
    return others;
  }

  /** The part of the schema that is read, in the order of the file. */
  MessageType schema() {
    List<Type> fields = new ArrayList<>();
    for (Type field : table.schema().getFields()) {
      if (used.contains(field.getName())) {
        fields.add(field);
      }
    }
    return new MessageType(table.schema().getName(), fields);
  }

  /** What has been found before, with positions in {@link #schema()}. */
  Field bound(Field field) {
    return Field.find(schema(), field.name()).orElseThrow();
  }

  private static List<String> names(MessageType schema) {
    return schema.getFields().stream().map(Type::getName).toList();
  }
}
