package kiln.data.parquet;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import kiln.bindings.UserException;
import kiln.data.input.FileKeys;
import kiln.data.input.Inputs;
import kiln.data.input.Locations;
import kiln.data.input.SeekableInput;
import kiln.data.source.UnusableException;

/** The Parquet files of a table, in order. */
public final class TableFiles {
  static final List<String> ENDINGS = List.of(".parquet");

  private final List<String> patterns;
  private final List<TableFile> files;
  private OptionalLong numRows;

  private TableFiles(List<String> patterns, List<TableFile> files) {
    this.patterns = patterns;
    this.files = files;
  }

  /**
   * @param patterns locations, see {@link Locations#expand} and {@link Inputs#of}; a folder stands for its Parquet files
   * @param inputs stays open for as long as the table is read
   * @throws UserException if a pattern means nothing, or something that cannot be read by ranges
   */
  public static TableFiles of(List<String> patterns, Inputs inputs) {
    List<String> locations = Locations.expand(patterns, ENDINGS);
    List<String> keys = FileKeys.of(locations);
    List<TableFile> files = new ArrayList<>();
    for (int i = 0; i < locations.size(); i++) {
      String location = locations.get(i);
      if (!(inputs.of(location) instanceof SeekableInput input)) {
        throw new UserException(location + ": Parquet is read from its end: expected a file, http(s)://… or s3://…");
      }
      files.add(new TableFile(keys.get(i), input));
    }
    return new TableFiles(List.copyOf(patterns), files);
  }

  List<String> patterns() {
    return patterns;
  }

  List<TableFile> files() {
    return files;
  }

  /** All rows that the footers announce, if all files are on this machine; files that cannot be read count nothing. */
  synchronized OptionalLong numRows() {
    if (numRows == null) {
      boolean local = files.stream().allMatch(file -> Inputs.isLocal(file.location()));
      numRows = local ? OptionalLong.of(countRows()) : OptionalLong.empty();
    }
    return numRows;
  }

  private long countRows() {
    long all = 0;
    for (TableFile file : files) {
      try (ParquetTable table = TableRows.open(file)) {
        all += table.numRows();
      } catch (UnusableException e) {
        continue; // It is counted when it is read.
      }
    }
    return all;
  }

  /** Tries the columns on one file. */
  @FunctionalInterface
  interface ColumnCheck {
    void check(ParquetTable table) throws UnusableException;
  }

  /**
   * @throws UserException if the first file that can be read lacks a column
   */
  void checkColumns(ColumnCheck check) {
    for (TableFile file : files) {
      try (ParquetTable table = TableRows.open(file)) {
        check(table, check);
        return;
      } catch (UnusableException e) {
        continue; // It is counted when it is read.
      }
    }
  }

  private static void check(ParquetTable table, ColumnCheck check) {
    try {
      check.check(table);
    } catch (UnusableException e) {
      throw new UserException(e.getMessage());
    }
  }
}
