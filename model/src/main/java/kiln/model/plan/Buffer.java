package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import kiln.model.graph.DType;
import kiln.model.graph.TensorType;

/**
 * The place of one tensor. Launches keep the buffer, not the address: an input may be bound anew before each run, to a slice of
 * a mapped record for example, without a copy. A view has no place of its own and follows what it views.
 */
public final class Buffer {
  private final TensorType type;
  private final Buffer viewed;
  private final boolean constant;
  private MemorySegment segment;
  private Buffer narrow;

  private Buffer(TensorType type, Buffer viewed, boolean constant, MemorySegment segment) {
    this.type = type;
    this.viewed = viewed;
    this.constant = constant;
    this.segment = segment;
  }

  /** A buffer without a place yet. */
  public Buffer(TensorType type) {
    this(type, null, false, MemorySegment.NULL);
  }

  /** A buffer without a place yet, whose values are the same at every run of the plan. */
  static Buffer constant(TensorType type) {
    return new Buffer(type, null, true, MemorySegment.NULL);
  }

  public Buffer(TensorType type, MemorySegment segment) {
    this(type);
    bind(segment);
  }

  /** The bytes of {@code viewed} under another type of the same size. */
  static Buffer view(TensorType type, Buffer viewed) {
    return new Buffer(type, viewed, viewed.constant, null);
  }

  public TensorType type() {
    return type;
  }

  /** Says that {@code rounded} holds the same numbers, always. */
  void setNarrow(Buffer rounded) {
    narrow = rounded;
  }

  /**
   * The same numbers rounded to bfloat16, as densely in the same order, that somebody keeps in step with these: the copy of
   * weights that an optimizer writes. Null if there are none.
   */
  public Buffer narrow() {
    if (viewed == null || viewed.narrow() == null) {
      return narrow;
    }
    return view(new TensorType(DType.BF16, type.shape()), viewed.narrow());
  }

  /** Whether a kernel that has read the values once need not read them again. */
  public boolean isConstant() {
    return constant;
  }

  /** Exactly the bytes of the tensor. */
  public MemorySegment segment() {
    return viewed == null ? segment : viewed.segment();
  }

  /**
   * Moves the tensor (and its views) to another place; nothing is copied.
   *
   * @throws IllegalArgumentException if the segment has another size than the tensor
   */
  public void bind(MemorySegment place) {
    if (place.byteSize() != type.bytes()) {
      throw new IllegalArgumentException(type + " needs " + type.bytes() + " bytes, found " + place.byteSize());
    }
    if (viewed == null) {
      segment = place;
    } else {
      viewed.bind(place);
    }
  }
}
