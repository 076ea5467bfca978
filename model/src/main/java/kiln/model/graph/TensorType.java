package kiln.model.graph;

/** What is known of a tensor before it has a place in memory. */
public record TensorType(DType dtype, Shape shape) {
  public static TensorType f32(int... dims) {
    return new TensorType(DType.F32, Shape.of(dims));
  }

  public static TensorType i32(int... dims) {
    return new TensorType(DType.I32, Shape.of(dims));
  }

  public static TensorType f32(Shape shape) {
    return new TensorType(DType.F32, shape);
  }

  /** The same element type, another shape. */
  public TensorType with(Shape other) {
    return new TensorType(dtype, other);
  }

  /** The same shape, another element type. */
  public TensorType with(DType other) {
    return new TensorType(other, shape);
  }

  public long bytes() {
    return shape.elements() * dtype.bytes();
  }

  @Override
  public String toString() {
    return dtype.name().toLowerCase(java.util.Locale.ROOT) + shape;
  }
}
