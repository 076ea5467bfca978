package kiln.data.parquet;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import kiln.bindings.UserException;
import kiln.data.source.UnusableException;

/** The files of a table, in order. */
public final class TableFiles {
  private final List<TableFile> files;
  private OptionalLong numRows;

  private TableFiles(List<TableFile> files) {
    this.files = files;
  }

  /** Files of this machine, in the order given. */
  public static TableFiles of(List<Path> files) {
    if (files.isEmpty()) {
      throw new UserException("Parquet files: expected at least one");
    }
    return new TableFiles(
        files.stream()
            .map(file -> new TableFile(file.toString(), file.getFileName().toString(), () -> ParquetBytes.open(file)))
            .toList());
  }

  List<TableFile> files() {
    return files;
  }

  List<String> keys() {
    return files.stream().map(TableFile::key).toList();
  }

  /** All rows that the footers announce; files that cannot be read count nothing. */
  synchronized OptionalLong numRows() {
    if (numRows == null) {
      long all = 0;
      for (TableFile file : files) {
        try (ParquetTable table = TableRows.open(file)) {
          all += table.numRows();
        } catch (UnusableException e) {
          continue; // It is counted when it is read.
        }
      }
      numRows = OptionalLong.of(all);
    }
    return numRows;
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
        try {
          check.check(table);
          return;
        } catch (UnusableException e) {
          throw new UserException(e.getMessage());
        }
      } catch (UnusableException e) {
        continue; // It is counted when it is read.
      }
    }
  }
}
