package kiln.data.parquet;

import java.io.IOException;
import java.time.DateTimeException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import kiln.data.input.InputException;
import kiln.data.input.RangeReader;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;

/**
 * What is made of the rows of several files, in order. A file that cannot be read is left out and counted; a damaged row group
 * loses its rows from the damage on.
 */
final class TableRows<T> implements Iterator<T>, AutoCloseable {
  private final Iterator<TableFile> files;
  private final Binder<T> binder;
  private final SkipReport skips;
  private TableFile file;
  private ParquetTable table;
  private Binding<T> binding;
  private int nextRowGroup;
  private RowGroupReader rows;
  private long number;
  private T ahead;

  /** Finds the columns in a file. */
  @FunctionalInterface
  interface Binder<T> {
    Binding<T> bind(ParquetTable table) throws UnusableException;
  }

  /**
   * What is read of a file.
   *
   * @param columns the part of the schema that is read
   */
  record Binding<T>(MessageType columns, RowMaker<T> maker) {}

  /** Makes something of a row. */
  @FunctionalInterface
  interface RowMaker<T> {
    /**
     * @param origin file and row, for messages
     * @param key of a row that has none of its own
     * @return null if the row is left out, and that has been counted
     */
    T make(Group row, String origin, String key) throws UnusableException;
  }

  TableRows(List<TableFile> files, Binder<T> binder, SkipReport skips) {
    this.files = files.iterator();
    this.binder = binder;
    this.skips = skips;
  }

  @Override
  public boolean hasNext() {
    while (ahead == null) {
      if (rows != null && rows.hasNext()) {
        ahead = nextRow();
      } else if (table != null && nextRowGroup < table.numRowGroups()) {
        openRowGroup();
      } else if (files.hasNext()) {
        openFile(files.next());
      } else {
        close();
        return false;
      }
    }
    return true;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    T next = ahead;
    ahead = null;
    return next;
  }

  private void openFile(TableFile next) {
    close();
    file = next;
    try {
      table = open(next);
      binding = binder.bind(table);
    } catch (UnusableException e) {
      skips.add(e);
      close();
    }
  }

  static ParquetTable open(TableFile file) throws UnusableException {
    RangeReader bytes;
    try {
      bytes = file.input().openRanges();
    } catch (InputException e) {
      throw e.unusable();
    } catch (IOException e) {
      throw new UnusableException(InputException.UNREADABLE, Problems.line(file.location(), e));
    }
    return ParquetTable.open(file.location(), bytes);
  }

  private void openRowGroup() {
    number = 0;
    for (int i = 0; i < nextRowGroup; i++) {
      number += table.numRows(i);
    }
    try {
      rows = table.rows(nextRowGroup++, binding.columns());
    } catch (UnusableException e) {
      rows = null;
      skips.add(e);
    }
  }

  private T nextRow() {
    Group row;
    try {
      row = rows.next();
    } catch (RuntimeException | StackOverflowError e) {
      skips.add(lost(e));
      rows = null;
      return null;
    }
    String origin = table.name() + ": row " + number;
    String key = file.key() + "#" + number;
    number++;
    try {
      return binding.maker().make(row, origin, key);
    } catch (UnusableException e) {
      skips.add(e);
      return null;
    } catch (ArithmeticException | IllegalArgumentException | DateTimeException e) {
      skips.add(new UnusableException(ParquetTable.CORRUPT_ROWS, Problems.line(origin, e)));
      return null;
    }
  }

  /** Why there are no more rows in this row group. */
  private UnusableException lost(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof InputException input) {
        return input.unusable();
      }
    }
    String place = table.name() + ": row group " + (nextRowGroup - 1) + " from row " + number + " on";
    return new UnusableException(ParquetTable.CORRUPT_ROWS, Problems.line(place, e));
  }

  @Override
  public void close() {
    if (table != null) {
      table.close();
    }
    table = null;
    binding = null;
    rows = null;
    nextRowGroup = 0;
  }
}
