package kiln.data.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.ParquetDecodingException;

/**
 * The pages of a column chunk, read one at a time: a row group of pictures may be larger than memory. Checksums are compared where
 * there are any.
 */
final class ColumnPages implements PageReader {
  private final ColumnDescriptor column;
  private final ColumnMetaData chunk;
  private final ChunkInput in;
  private final Statistics<?> none;
  private PageHeader ahead;
  private long read;

  ColumnPages(ColumnDescriptor column, ColumnMetaData chunk, ChunkInput in) {
    this.column = column;
    this.chunk = chunk;
    this.in = in;
    none = Statistics.createStats(column.getPrimitiveType());
  }

  @Override
  public long getTotalValueCount() {
    return chunk.getNum_values();
  }

  @Override
  public DictionaryPage readDictionaryPage() {
    try {
      if (chunk.getNum_values() == 0) {
        return null;
      }
      ahead = Util.readPageHeader(in);
      if (ahead.getType() != PageType.DICTIONARY_PAGE) {
        return null;
      }
      PageHeader header = ahead;
      ahead = null;
      DictionaryPageHeader dictionary = present(header.getDictionary_page_header(), "dictionary header");
      byte[] page = decompress(payload(header), 0, header.getUncompressed_page_size());
      PageChecks.dictionary(column, page, dictionary.getNum_values());
      return new DictionaryPage(BytesInput.from(page), dictionary.getNum_values(), encoding(dictionary.getEncoding()));
    } catch (IOException e) {
      throw new ParquetDecodingException(e.getMessage(), e);
    }
  }

  @Override
  public DataPage readPage() {
    try {
      while (read < chunk.getNum_values()) {
        PageHeader header = ahead == null ? Util.readPageHeader(in) : ahead;
        ahead = null;
        byte[] payload = payload(header);
        switch (present(header.getType(), "type of page")) {
          case DATA_PAGE -> {
            return pageV1(header, payload);
          }
          case DATA_PAGE_V2 -> {
            return pageV2(header, payload);
          }
          case INDEX_PAGE -> {}
          case DICTIONARY_PAGE -> throw new ParquetDecodingException("a second dictionary");
        }
      }
      return null;
    } catch (IOException e) {
      throw new ParquetDecodingException(e.getMessage(), e);
    }
  }

  private byte[] payload(PageHeader header) throws IOException {
    byte[] payload = in.readPage(header.getCompressed_page_size());
    if (header.isSetCrc()) {
      CRC32 crc = new CRC32();
      crc.update(payload);
      if ((int) crc.getValue() != header.getCrc()) {
        throw new ParquetDecodingException("a page of " + payload.length + " bytes does not match its checksum");
      }
    }
    return payload;
  }

  private DataPage pageV1(PageHeader header, byte[] payload) throws IOException {
    DataPageHeader data = present(header.getData_page_header(), "header of a page");
    int numValues = count(data.getNum_values());
    Encoding repetition = encoding(data.getRepetition_level_encoding());
    Encoding definition = encoding(data.getDefinition_level_encoding());
    Encoding values = encoding(data.getEncoding());
    byte[] page = decompress(payload, 0, header.getUncompressed_page_size());
    PageChecks.pageV1(column, page, numValues, repetition, definition, values);
    return new DataPageV1(BytesInput.from(page), numValues, page.length, none, repetition, definition, values);
  }

  private DataPage pageV2(PageHeader header, byte[] payload) throws IOException {
    DataPageHeaderV2 data = present(header.getData_page_header_v2(), "header of a page");
    int numValues = count(data.getNum_values());
    Encoding encoding = encoding(data.getEncoding());
    int repetition = data.getRepetition_levels_byte_length();
    int definition = data.getDefinition_levels_byte_length();
    if (repetition < 0 || definition < 0 || (long) repetition + definition > payload.length) {
      throw new ParquetDecodingException("levels of " + repetition + " and " + definition + " bytes in " + payload.length);
    }
    int levels = repetition + definition;
    PageChecks.levelsV2(payload, 0, repetition, numValues, column.getMaxRepetitionLevel());
    PageChecks.levelsV2(payload, repetition, definition, numValues, column.getMaxDefinitionLevel());
    byte[] values = new byte[0];
    if (payload.length > levels && data.isIs_compressed()) {
      values = decompress(payload, levels, header.getUncompressed_page_size() - levels);
    } else if (payload.length > levels) {
      values = Arrays.copyOfRange(payload, levels, payload.length);
    }
    PageChecks.values(ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN), numValues, encoding);
    return DataPageV2.uncompressed(
        data.getNum_rows(),
        data.getNum_nulls(),
        numValues,
        BytesInput.from(payload, 0, repetition),
        BytesInput.from(payload, repetition, definition),
        encoding,
        BytesInput.from(values),
        none);
  }

  private int count(int numValues) {
    if (numValues < 0 || numValues > chunk.getNum_values() - read) {
      throw new ParquetDecodingException(
          "a page of " + numValues + " values, " + (chunk.getNum_values() - read) + " are left in its column chunk");
    }
    read += numValues;
    return numValues;
  }

  private byte[] decompress(byte[] payload, int from, int size) throws IOException {
    return PageCodecs.decompress(chunk.getCodec(), payload, from, size);
  }

  private static Encoding encoding(org.apache.parquet.format.Encoding encoding) {
    return Encoding.valueOf(present(encoding, "encoding").name());
  }

  /** Thrift gives null for what is missing, and for values of enumerations that it does not know. */
  private static <T> T present(T value, String what) {
    if (value == null) {
      throw new ParquetDecodingException("unknown or missing " + what);
    }
    return value;
  }
}
