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
    Optional<Field> field = Field.find(table.schema(), name);
    if (field.isEmpty()) {
      throw new UnusableException(
          MISSING, table.name() + ": column " + name + ": found only " + String.join(", ", names(table.schema())));
    }
    use(table.schema().getType(field.get().path().getFirst()).getName());
    return field.get();
  }

  void use(String topLevel) {
    used.add(topLevel);
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
          throw new UnusableException(
              MISSING, table.name() + ": column " + name + ": found only " + String.join(", ", names(table.schema())));
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
  Field bound(String name) {
    return Field.find(schema(), name).orElseThrow();
  }

  private static List<String> names(MessageType schema) {
    return schema.getFields().stream().map(Type::getName).toList();
  }
}
