package kiln.model.weights;

/** From the names in a weight file to the names of a network's parameters, where a file's writer used others. */
@FunctionalInterface
public interface WeightNames {
  /** For files that use the same names. */
  WeightNames SAME = tensor -> tensor;

  /** The parameter that {@code tensor} belongs to; null if it is of no use here and may be skipped. */
  String parameter(String tensor);
}
