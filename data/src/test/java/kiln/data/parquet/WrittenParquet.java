package kiln.data.parquet;

import io.airlift.compress.Compressor;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.snappy.SnappyCompressor;
import io.airlift.compress.zstd.ZstdCompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.GroupWriter;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.schema.MessageType;

/** Writes Parquet files by parquet's own writer, for tests. */
public final class WrittenParquet {
  private WrittenParquet() {}

  /**
   * @param rowGroups rows of each
   * @param version 1 or 2, of the data pages; version 2 brings delta encodings
   */
  public static void write(Path file, MessageType schema, CompressionCodecName codec, int version, List<List<Group>> rowGroups)
      throws IOException {
    ParquetProperties properties =
        ParquetProperties.builder()
            .withWriterVersion(
                version == 1 ? ParquetProperties.WriterVersion.PARQUET_1_0 : ParquetProperties.WriterVersion.PARQUET_2_0)
            .withPageSize(1 << 12)
            .build();
    ParquetFileWriter writer =
        new ParquetFileWriter(
            new LocalOutputFile(file), schema, ParquetFileWriter.Mode.OVERWRITE, 1 << 20, 0, 64, 64, true);
    writer.start();
    for (List<Group> rows : rowGroups) {
      ColumnChunkPageWriteStore pages =
          new ColumnChunkPageWriteStore(new PageCompressor(codec), schema, new HeapByteBufferAllocator(), 64, true);
      try (ColumnWriteStore columns = properties.newColumnWriteStore(schema, pages, pages)) {
        MessageColumnIO io = new ColumnIOFactory().getColumnIO(schema);
        GroupWriter records = new GroupWriter(io.getRecordWriter(columns), schema);
        rows.forEach(records::write);
        columns.flush();
        writer.startBlock(rows.size());
        pages.flushToFileWriter(writer);
        writer.endBlock();
      }
    }
    writer.end(Map.of());
  }

  /** Parquet's own are Hadoop's. */
  private static final class PageCompressor implements BytesInputCompressor {
    private final CompressionCodecName codec;

    PageCompressor(CompressionCodecName codec) {
      this.codec = codec;
    }

    @Override
    public BytesInput compress(BytesInput page) throws IOException {
      ByteArrayOutputStream raw = new ByteArrayOutputStream();
      page.writeAllTo(raw);
      return switch (codec) {
        case UNCOMPRESSED -> BytesInput.from(raw.toByteArray());
        case SNAPPY -> compress(new SnappyCompressor(), raw.toByteArray());
        case ZSTD -> compress(new ZstdCompressor(), raw.toByteArray());
        case LZ4_RAW -> compress(new Lz4Compressor(), raw.toByteArray());
        case GZIP -> {
          ByteArrayOutputStream packed = new ByteArrayOutputStream();
          try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            raw.writeTo(gzip);
          }
          yield BytesInput.from(packed.toByteArray());
        }
        case LZO, BROTLI, LZ4 -> throw new IllegalArgumentException(codec.toString());
      };
    }

    private static BytesInput compress(Compressor compressor, byte[] raw) {
      byte[] packed = new byte[compressor.maxCompressedLength(raw.length)];
      int length = compressor.compress(raw, 0, raw.length, packed, 0, packed.length);
      return BytesInput.from(Arrays.copyOf(packed, length));
    }

    @Override
    public CompressionCodecName getCodecName() {
      return codec;
    }

    @Override
    public void release() {}
  }
}
