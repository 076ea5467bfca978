package kiln.data.parquet;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** The rows of a row group in order, put together by parquet's record assembly. */
final class RowGroupReader {
  private final MessageType columns;
  private final long numRows;
  private final Map<List<String>, ColumnPages> pages;
  private RecordReader<Group> rows;
  private long read;

  RowGroupReader(MessageType columns, long numRows, Map<List<String>, ColumnPages> pages) {
    this.columns = columns;
    this.numRows = numRows;
    this.pages = pages;
  }

  boolean hasNext() {
    return read < numRows;
  }

  /** Anything may be thrown if the file is damaged; then there is nothing more to be had. */
  Group next() {
    if (rows == null) {
      PageReadStore store =
          new PageReadStore() {
            @Override
            public PageReader getPageReader(ColumnDescriptor column) {
              return pages.get(Arrays.asList(column.getPath()));
            }

            @Override
            public long getRowCount() {
              return numRows;
            }
          };
      rows = new ColumnIOFactory().getColumnIO(columns).getRecordReader(store, new GroupRecordConverter(columns));
    }
    read++;
    return rows.read();
  }
}
