package kiln.model.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.model.weights.SafetensorsWriter.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a new file keeps its tensors.
 *
 * <p>The header lists the tensors in the order given. The data starts at a multiple of 64 bytes, because the header is
 * padded with spaces; the format allows no gaps after that, so the tensors whose size is a multiple of 64 bytes come first,
 * then the others by the width of their elements: the former start at multiples of 64, the latter at multiples of their
 * elements.
 */
final class SafetensorsLayout {
  private static final int ALIGNMENT = 64;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<Tensor> tensors;
  private final List<Tensor> order;
  private final Map<String, Long> offsets = new HashMap<>();
  private final long dataBytes;

  /**
   * @throws IllegalArgumentException if two tensors share a name
   */
  SafetensorsLayout(List<Tensor> tensors) {
    this.tensors = List.copyOf(tensors);
    List<Tensor> sorted = new ArrayList<>(tensors);
    sorted.sort(
        Comparator.comparing((Tensor tensor) -> tensor.bytes() % ALIGNMENT != 0)
            .thenComparing(tensor -> tensor.bytes() % ALIGNMENT == 0 ? 0 : -tensor.type().bits()));
    this.order = List.copyOf(sorted);
    long offset = 0;
    for (Tensor tensor : order) {
      if (offsets.put(tensor.name(), offset) != null || tensor.name().equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException("two tensors are called " + tensor.name());
      }
      offset += tensor.bytes();
    }
    this.dataBytes = offset;
  }

  /** The tensors as their bytes follow each other. */
  List<Tensor> order() {
    return order;
  }

  /** Bytes of all tensors. */
  long dataBytes() {
    return dataBytes;
  }

  /** The length field, the JSON and its padding. */
  byte[] header(Map<String, String> metadata) {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode notes = root.putObject(SafetensorsHeader.METADATA);
      metadata.forEach(notes::put);
    }
    for (Tensor tensor : tensors) {
      ObjectNode entry = root.putObject(tensor.name());
      entry.put("dtype", tensor.type().name());
      ArrayNode shape = entry.putArray("shape");
      Arrays.stream(tensor.shape().dims()).forEach(shape::add);
      long begin = offsets.get(tensor.name());
      entry.putArray("data_offsets").add(begin).add(begin + tensor.bytes());
    }
    byte[] json = JSON.writeValueAsBytes(root);
    int end = (SafetensorsHeader.LENGTH_BYTES + json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] header = new byte[end];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(end - SafetensorsHeader.LENGTH_BYTES)
        .put(json);
    return header;
  }
}
