package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a safetensors file, checked against everything that the
 * <a href="https://github.com/huggingface/safetensors#format">format</a> asks for.
 *
 * <pre>
 *   0        8                                        8 + N                    end
 *   | N: u64 | {"name":{"dtype","shape","data_offsets"}, …} spaces | tensor bytes … |
 *                                          data_offsets count from ^
 * </pre>
 *
 * Names are unique; the data is covered whole, without gaps or overlaps.
 */
record SafetensorsHeader(Map<String, TensorEntry> tensors, Map<String, String> metadata) {
  static final int LENGTH_BYTES = 8;
  static final String METADATA = "__metadata__";

  /** The limit of the reference implementation. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * @throws UserException if the file is malformed
   */
  static SafetensorsHeader read(Path path, MemorySegment file) {
    return new Reader(path, file).read();
  }

  private static final class Reader {
    private final Path path;
    private final MemorySegment file;
    private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private long dataStart;

    Reader(Path path, MemorySegment file) {
      this.path = path;
      this.file = file;
    }

    SafetensorsHeader read() {
      JsonNode root = parse(headerText());
      check(root.isObject(), LENGTH_BYTES, "the header is not a JSON object");
      for (Map.Entry<String, JsonNode> property : root.properties()) {
        if (property.getKey().equals(METADATA)) {
          readMetadata(property.getValue());
        } else {
          tensors.put(property.getKey(), readTensor(property.getKey(), property.getValue()));
        }
      }
      checkCoverage();
      return new SafetensorsHeader(Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
    }

    private String headerText() {
      long size = file.byteSize();
      check(size >= LENGTH_BYTES, 0, "found " + size + " bytes, expected at least the 8 of the header length");
      long length = file.get(LITTLE_ENDIAN_LONG, 0);
      String found = "header length " + Long.toUnsignedString(length);
      check(length >= 0 && length <= MAX_HEADER_BYTES, 0, found + ", expected at most " + MAX_HEADER_BYTES);
      check(length <= size - LENGTH_BYTES, 0, found + " does not fit into a file of " + size + " bytes");
      check(length > 0, 0, found + ", expected at least {}");
      dataStart = LENGTH_BYTES + length;
      MemorySegment header = file.asSlice(LENGTH_BYTES, length);
      check(header.get(ValueLayout.JAVA_BYTE, 0) == '{', LENGTH_BYTES, "the header does not start with {");
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(header.asByteBuffer()).toString();
      } catch (CharacterCodingException e) {
        throw defect(LENGTH_BYTES, "the header is not UTF-8 (" + e.getMessage() + ")", e);
      }
    }

    private JsonNode parse(String text) {
      try {
        return JSON.readTree(text);
      } catch (JacksonException e) {
        int at = Math.clamp(e.getLocation() == null ? 0 : e.getLocation().getCharOffset(), 0, text.length());
        long offset = LENGTH_BYTES + text.substring(0, at).getBytes(StandardCharsets.UTF_8).length;
        throw defect(offset, "the header is not valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
      }
    }

    private void readMetadata(JsonNode node) {
      check(node.isObject(), LENGTH_BYTES, METADATA + " is not a JSON object");
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        String what = METADATA + " " + property.getKey() + " is " + property.getValue() + ", expected a string";
        check(property.getValue().isString(), LENGTH_BYTES, what);
        metadata.put(property.getKey(), property.getValue().stringValue());
      }
    }

    private TensorEntry readTensor(String name, JsonNode node) {
      String tensor = "tensor " + name + ": ";
      check(node.isObject(), LENGTH_BYTES, tensor + "expected an object with dtype, shape and data_offsets, found " + node);
      SafetensorsType type = readType(tensor, node.path("dtype"));
      List<Long> dims = readNumbers(tensor + "shape", node.path("shape"));
      List<Long> offsets = readNumbers(tensor + "data_offsets", node.path("data_offsets"));
      check(offsets.size() == 2, LENGTH_BYTES, tensor + "data_offsets " + offsets + ", expected begin and end");
      long begin = offsets.get(0);
      long end = offsets.get(1);
      long dataBytes = file.byteSize() - dataStart;
      String range = tensor + "data_offsets " + offsets;
      check(begin <= end, dataStart, range + " end before they begin");
      check(end <= dataBytes, dataStart, range + " reach beyond the data, expected at most " + dataBytes);
      long expected = bytes(tensor, type, dims);
      String size = " hold " + (end - begin) + " bytes, expected " + expected + " for " + type + dims;
      check(end - begin == expected, dataStart + begin, range + size);
      return new TensorEntry(name, type, dims, dataStart + begin, expected);
    }

    private SafetensorsType readType(String tensor, JsonNode node) {
      for (SafetensorsType type : SafetensorsType.values()) {
        if (node.isString() && node.stringValue().equals(type.name())) {
          return type;
        }
      }
      String found = node.isMissingNode() ? "no dtype" : "dtype " + node;
      throw defect(LENGTH_BYTES, tensor + found + ", expected one of " + List.of(SafetensorsType.values()), null);
    }

    private List<Long> readNumbers(String what, JsonNode node) {
      check(node.isArray(), LENGTH_BYTES, what + (node.isMissingNode() ? " missing" : " is " + node) + ", expected a list");
      List<Long> numbers = new ArrayList<>();
      for (JsonNode number : node) {
        boolean fits = number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0;
        check(fits, LENGTH_BYTES, what + " holds " + number + ", expected whole numbers from 0 to 2^63-1");
        numbers.add(number.longValue());
      }
      return numbers;
    }

    private long bytes(String tensor, SafetensorsType type, List<Long> dims) {
      try {
        return type.bytes(dims);
      } catch (ArithmeticException e) {
        throw defect(LENGTH_BYTES, tensor + type + dims + " has no size in bytes (" + e.getMessage() + ")", e);
      }
    }

    private void checkCoverage() {
      List<TensorEntry> byOffset = new ArrayList<>(tensors.values());
      byOffset.sort(Comparator.comparingLong(TensorEntry::offset).thenComparingLong(TensorEntry::bytes));
      long end = dataStart;
      for (TensorEntry entry : byOffset) {
        String what = "tensor " + entry.name() + " starts at " + (entry.offset() - dataStart) + " of the data, expected ";
        check(entry.offset() == end, entry.offset(), what + (end - dataStart) + ": gaps and overlaps are not allowed");
        end = entry.offset() + entry.bytes();
      }
      check(end == file.byteSize(), end, (file.byteSize() - end) + " bytes after the last tensor, expected none");
    }

    private void check(boolean condition, long offset, String what) {
      if (!condition) {
        throw defect(offset, what, null);
      }
    }

    private UserException defect(long offset, String what, Throwable cause) {
      return new UserException(path + ": not a valid safetensors file, at byte " + offset + ": " + what, cause);
    }
  }
}
