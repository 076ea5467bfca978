package kiln.data.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.data.input.InputException;
import kiln.data.input.Inputs;
import kiln.data.input.RangeReader;
import kiln.data.source.UnusableException;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.schema.MessageType;

/**
 * An open Parquet file. What its footer claims is compared with the file's length before anything is read or allocated for it.
 *
 * <pre>
 *   PAR1 | column chunks … | footer (Thrift) | footer length, int32 little-endian | PAR1
 * </pre>
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/">Parquet file format</a>
 */
final class ParquetTable implements AutoCloseable {
  static final String NOT_PARQUET = "not a Parquet file";
  static final String CORRUPT_FOOTER = "corrupt Parquet footer";
  static final String CORRUPT_ROWS = "corrupt Parquet row group";
  static final String UNSUPPORTED = "unsupported Parquet file";

  private static final int MAGIC = 4;
  private static final int TAIL = 8;

  /** Thousands of columns in thousands of row groups. */
  private static final int MAX_FOOTER = 64 << 20;

  private final String name;
  private final RangeReader bytes;
  private final MessageType schema;
  private final List<RowGroup> rowGroups;
  private final long end;

  private ParquetTable(String name, RangeReader bytes, MessageType schema, List<RowGroup> rowGroups, long end) {
    this.name = name;
    this.bytes = bytes;
    this.schema = schema;
    this.rowGroups = rowGroups;
    this.end = end;
  }

  /**
   * @param name the file's location
   * @param bytes closed with the table, or if there is none
   */
  static ParquetTable open(String name, RangeReader bytes) throws UnusableException {
    try {
      return read(name, bytes);
    } catch (InputException e) {
      close(bytes);
      throw e.unusable();
    } catch (IOException e) {
      close(bytes);
      throw new UnusableException(InputException.UNREADABLE, Problems.line(name, e));
    } catch (UnusableException | RuntimeException | StackOverflowError e) {
      close(bytes);
      if (e instanceof UnusableException unusable) {
        throw unusable;
      }
      throw new UnusableException(CORRUPT_FOOTER, Problems.line(name + ": footer", e));
    }
  }

  private static ParquetTable read(String name, RangeReader bytes) throws IOException, UnusableException {
    long length = bytes.length();
    if (length < MAGIC + TAIL) {
      throw new UnusableException(NOT_PARQUET, name + ": has " + length + " bytes, expected at least " + (MAGIC + TAIL));
    }
    byte[] tail = new byte[TAIL];
    bytes.read(length - TAIL, tail, 0, TAIL);
    String magic = new String(tail, 4, 4, StandardCharsets.ISO_8859_1);
    if (magic.equals("PARE")) {
      throw new UnusableException(UNSUPPORTED, name + ": is encrypted");
    }
    if (!magic.equals("PAR1")) {
      throw new UnusableException(NOT_PARQUET, name + ": does not end with PAR1: not Parquet, or not complete");
    }
    long footer = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL;
    if (footer == 0 || footer > Math.min(MAX_FOOTER, length - MAGIC - TAIL)) {
      throw new UnusableException(CORRUPT_FOOTER, name + ": footer of " + footer + " bytes in a file of " + length);
    }
    byte[] thrift = new byte[(int) footer];
    bytes.read(length - TAIL - footer, thrift, 0, thrift.length);
    FileMetaData metaData;
    try {
      // The size of the message bounds what lists and strings in it may claim.
      metaData = Util.readFileMetaData(new ByteArrayInputStream(thrift), thrift.length + 1);
    } catch (IOException e) {
      throw new UnusableException(CORRUPT_FOOTER, Problems.line(name + ": footer", e));
    }
    List<RowGroup> rowGroups = List.copyOf(metaData.getRow_groups());
    long rows = 0;
    for (RowGroup rowGroup : rowGroups) {
      rows = Math.addExact(rows, rowGroup.getNum_rows());
      if (rowGroup.getNum_rows() < 0) {
        throw new UnusableException(CORRUPT_FOOTER, name + ": row group of " + rowGroup.getNum_rows() + " rows");
      }
    }
    return new ParquetTable(name, bytes, schema(metaData), rowGroups, length - TAIL - footer);
  }

  private static MessageType schema(FileMetaData metaData) throws IOException {
    FileMetaData schemaOnly = new FileMetaData(metaData.getVersion(), metaData.getSchema(), 0, List.of());
    return new ParquetMetadataConverter().fromParquetMetadata(schemaOnly).getFileMetaData().getSchema();
  }

  String name() {
    return name;
  }

  MessageType schema() {
    return schema;
  }

  int numRowGroups() {
    return rowGroups.size();
  }

  long numRows(int rowGroup) {
    return rowGroups.get(rowGroup).getNum_rows();
  }

  long numRows() {
    return rowGroups.stream().mapToLong(RowGroup::getNum_rows).sum();
  }

  /**
   * A row group's rows.
   *
   * @param columns a part of the schema
   */
  RowGroupReader rows(int rowGroup, MessageType columns) throws UnusableException {
    RowGroup group = rowGroups.get(rowGroup);
    Map<List<String>, ColumnChunk> chunks = new HashMap<>();
    for (ColumnChunk chunk : group.getColumns()) {
      if (chunk.getMeta_data() != null) {
        chunks.put(chunk.getMeta_data().getPath_in_schema(), chunk);
      }
    }
    Map<List<String>, ColumnPages> pages = new HashMap<>();
    for (ColumnDescriptor column : columns.getColumns()) {
      List<String> path = new ArrayList<>(Arrays.asList(column.getPath()));
      String place = name + ": row group " + rowGroup + ": column " + String.join(".", path);
      pages.put(path, pages(group, chunks.get(path), column, place));
    }
    return new RowGroupReader(columns, group.getNum_rows(), pages);
  }

  private ColumnPages pages(RowGroup group, ColumnChunk chunk, ColumnDescriptor column, String place) throws UnusableException {
    if (chunk == null) {
      throw new UnusableException(CORRUPT_ROWS, place + ": is missing or encrypted");
    }
    if (chunk.getFile_path() != null) {
      throw new UnusableException(UNSUPPORTED, place + ": is in another file, " + chunk.getFile_path());
    }
    ColumnMetaData data = chunk.getMeta_data();
    if (data.getCodec() == null || !PageCodecs.isSupported(data.getCodec())) {
      throw new UnusableException(
          UNSUPPORTED, place + ": codec " + data.getCodec() + ", expected none, snappy, gzip, zstd or lz4_raw");
    }
    long start = data.getData_page_offset();
    if (data.isSetDictionary_page_offset() && data.getDictionary_page_offset() > 0) {
      start = Math.min(start, data.getDictionary_page_offset());
    }
    long size = data.getTotal_compressed_size();
    if (start < MAGIC || size < 0 || size > end - start) {
      throw new UnusableException(
          CORRUPT_ROWS, place + ": " + size + " bytes at " + start + ", but the data ends at " + end);
    }
    boolean flat = column.getMaxRepetitionLevel() == 0;
    if (data.getNum_values() < 0 || (flat && data.getNum_values() != group.getNum_rows())) {
      throw new UnusableException(
          CORRUPT_ROWS, place + ": " + data.getNum_values() + " values in " + group.getNum_rows() + " rows");
    }
    int buffer = Inputs.isLocal(name) ? ChunkInput.LOCAL_BUFFER : ChunkInput.REMOTE_BUFFER;
    return new ColumnPages(column, data, new ChunkInput(bytes, start, start + size, buffer));
  }

  @Override
  public void close() {
    close(bytes);
  }

  private static void close(RangeReader bytes) {
    try {
      bytes.close();
    } catch (IOException e) {
      // Nothing was written: what has been read stays good.
    }
  }
}
