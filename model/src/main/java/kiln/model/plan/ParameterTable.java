package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.model.graph.Parameter;

/**
 * Where each parameter lies in a flat float32 region. Weights, gradients, moments and averages share one table, so that
 * gradient buckets, shards and checkpoints are slices of regions.
 *
 * <pre>
 *   | conv_in.weight | pad to 64 bytes | conv_in.bias | pad | …
 * </pre>
 */
public final class ParameterTable {
  private static final int ALIGNMENT = 64;

  /** One parameter's slice. */
  public record Entry(int index, Parameter parameter, long offset, long bytes) {
    public MemorySegment slice(MemorySegment region) {
      return region.asSlice(offset, bytes);
    }

    /** The slice of a region of bfloat16 laid out in the same way: half as many bytes at half the offset. */
    public MemorySegment narrowSlice(MemorySegment region) {
      return region.asSlice(offset / 2, bytes / 2);
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Entry> byName = new LinkedHashMap<>();
  private final long bytes;

  /**
   * @throws IllegalArgumentException if two parameters have the same name
   */
  public ParameterTable(List<Parameter> parameters) {
    long offset = 0;
    for (Parameter parameter : parameters) {
      Entry entry = new Entry(entries.size(), parameter, offset, parameter.shape().elements() * Float.BYTES);
      entries.add(entry);
      if (byName.put(parameter.name(), entry) != null) {
        throw new IllegalArgumentException("two parameters are called " + parameter.name());
      }
      offset += (entry.bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    bytes = offset;
  }

  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** The entry of that name, or null. */
  public Entry entry(String name) {
    return byName.get(name);
  }

  /** Bytes of a region, padding included. */
  public long bytes() {
    return bytes;
  }

  /** Elements of all parameters, padding not included. */
  public long numParameters() {
    return entries.stream().mapToLong(e -> e.parameter.shape().elements()).sum();
  }
}
