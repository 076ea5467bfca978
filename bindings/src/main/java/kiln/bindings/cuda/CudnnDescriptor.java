package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_BACKEND_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_BOOLEAN;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_CHAR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_FLOAT;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_INT64;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_VOID_PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A descriptor of cuDNN's graph API: a bag of attributes that is made complete once. Whoever makes one closes it. */
final class CudnnDescriptor implements AutoCloseable {
  private final MemorySegment descriptor;

  /**
   * @param kind CUDNN_BACKEND_…_DESCRIPTOR
   */
  CudnnDescriptor(int kind) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      CudnnFunctions.BACKEND_CREATE_DESCRIPTOR.call(kind, result);
      descriptor = result.get(ADDRESS, 0);
    }
  }

  MemorySegment handle() {
    return descriptor;
  }

  /** An enumerator, or several. */
  CudnnDescriptor setInts(int attribute, int type, int... values) {
    try (Arena call = Arena.ofConfined()) {
      return set(attribute, type, values.length, call.allocateFrom(JAVA_INT, values));
    }
  }

  CudnnDescriptor setLongs(int attribute, long... values) {
    try (Arena call = Arena.ofConfined()) {
      return set(attribute, CUDNN_TYPE_INT64, values.length, call.allocateFrom(JAVA_LONG, values));
    }
  }

  CudnnDescriptor setFloat(int attribute, float value) {
    try (Arena call = Arena.ofConfined()) {
      return set(attribute, CUDNN_TYPE_FLOAT, 1, call.allocateFrom(JAVA_FLOAT, value));
    }
  }

  CudnnDescriptor setTrue(int attribute) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment value = call.allocate(JAVA_BOOLEAN);
      value.set(JAVA_BOOLEAN, 0, true);
      return set(attribute, CUDNN_TYPE_BOOLEAN, 1, value);
    }
  }

  CudnnDescriptor setText(int attribute, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (Arena call = Arena.ofConfined()) {
      return set(attribute, CUDNN_TYPE_CHAR, bytes.length, call.allocateFrom(JAVA_BYTE, bytes));
    }
  }

  CudnnDescriptor setDescriptors(int attribute, CudnnDescriptor... values) {
    MemorySegment[] handles = new MemorySegment[values.length];
    for (int i = 0; i < values.length; i++) {
      handles[i] = values[i].descriptor;
    }
    return setAddresses(attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, handles);
  }

  CudnnDescriptor setPointers(int attribute, MemorySegment... values) {
    return setAddresses(attribute, CUDNN_TYPE_VOID_PTR, values);
  }

  /** A handle, descriptors or pointers. */
  CudnnDescriptor setAddresses(int attribute, int type, MemorySegment... values) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment array = call.allocate(ADDRESS, values.length);
      for (int i = 0; i < values.length; i++) {
        array.setAtIndex(ADDRESS, i, values[i]);
      }
      return set(attribute, type, values.length, array);
    }
  }

  private CudnnDescriptor set(int attribute, int type, long count, MemorySegment values) {
    CudnnFunctions.BACKEND_SET_ATTRIBUTE.call(descriptor, attribute, type, count, values);
    return this;
  }

  /** Says that all attributes are set: cuDNN checks them. */
  CudnnDescriptor complete() {
    CudnnFunctions.BACKEND_FINALIZE.call(descriptor);
    return this;
  }

  long getLong(int attribute) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment value = call.allocate(JAVA_LONG);
      get(call, attribute, CUDNN_TYPE_INT64, 1, value);
      return value.get(JAVA_LONG, 0);
    }
  }

  /** At most {@code room} enumerators. */
  int[] getInts(int attribute, int type, int room) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment values = call.allocate(JAVA_INT, room);
      long count = get(call, attribute, type, room, values);
      return values.asSlice(0, count * Integer.BYTES).toArray(JAVA_INT);
    }
  }

  String getText(int attribute) {
    try (Arena call = Arena.ofConfined()) {
      long bytes = get(call, attribute, CUDNN_TYPE_CHAR, 0, MemorySegment.NULL);
      MemorySegment text = call.allocate(bytes);
      get(call, attribute, CUDNN_TYPE_CHAR, bytes, text);
      String all = new String(text.toArray(JAVA_BYTE), StandardCharsets.UTF_8);
      return all.endsWith("\0") ? all.substring(0, all.length() - 1) : all;
    }
  }

  /** How many there are of an attribute. */
  long count(int attribute, int type) {
    try (Arena call = Arena.ofConfined()) {
      return get(call, attribute, type, 0, MemorySegment.NULL);
    }
  }

  /**
   * Descriptors that this one refers to, at most {@code limit}: copies, the caller's to close.
   *
   * @param kind theirs
   */
  List<CudnnDescriptor> getDescriptors(int attribute, int kind, int limit) {
    List<CudnnDescriptor> found = new ArrayList<>();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment handles = call.allocate(ADDRESS, limit);
      for (int i = 0; i < limit; i++) {
        found.add(new CudnnDescriptor(kind));
        handles.setAtIndex(ADDRESS, i, found.getLast().descriptor);
      }
      int count = (int) get(call, attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, limit, handles);
      while (found.size() > count) {
        found.removeLast().close();
      }
      return found;
    } catch (RuntimeException e) {
      found.forEach(CudnnDescriptor::close);
      throw e;
    }
  }

  private long get(Arena call, int attribute, int type, long room, MemorySegment values) {
    MemorySegment count = call.allocate(JAVA_LONG);
    CudnnFunctions.BACKEND_GET_ATTRIBUTE.call(descriptor, attribute, type, room, count, values);
    return count.get(JAVA_LONG, 0);
  }

  @Override
  public void close() {
    CudnnFunctions.BACKEND_DESTROY_DESCRIPTOR.call(descriptor);
  }
}
