package kiln.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Set;
import kiln.model.graph.Shape;
import kiln.model.weights.SafetensorsFile;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.TensorEntry;

/** The tensors of one golden file as Java arrays, row-major. */
public final class GoldenTensors implements AutoCloseable {
  private final SafetensorsFile file;

  GoldenTensors(Path path) {
    file = SafetensorsFile.open(path);
  }

  public Set<String> names() {
    return file.tensors().keySet();
  }

  public boolean has(String name) {
    return file.tensors().containsKey(name);
  }

  public Shape shape(String name) {
    return entry(name, file.tensors().get(name) == null ? SafetensorsType.F32 : file.tensors().get(name).type()).shape();
  }

  /** A float32 tensor. */
  public float[] floats(String name) {
    entry(name, SafetensorsType.F32);
    return file.segment(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  /** An int64 tensor whose values fit into 32 bits. */
  public int[] ints(String name) {
    entry(name, SafetensorsType.I64);
    MemorySegment segment = file.segment(name);
    int[] values = new int[(int) (segment.byteSize() / Long.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.toIntExact(segment.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * Long.BYTES));
    }
    return values;
  }

  private TensorEntry entry(String name, SafetensorsType type) {
    TensorEntry entry = file.tensors().get(name);
    if (entry == null || entry.type() != type) {
      throw new IllegalStateException(file.path() + ": expected " + type + " " + name + ", found " + entry);
    }
    return entry;
  }

  @Override
  public void close() {
    file.close();
  }
}
