package kiln.model.backend.reference;

import kiln.model.op.MatMul;

/** Matrix products. */
final class ReferenceMatMul {
  private ReferenceMatMul() {}

  /** y[…, i, j] = bias[j] + Σ a[…, i, k]·b[…, k, j], with the last two axes of a or b exchanged if transposed. */
  static void run(MatMul op, Tensor[] inputs, Tensor y) {
    Tensor a = inputs[0];
    Tensor b = inputs[1];
    int rows = y.dim(-2);
    int columns = y.dim(-1);
    int depth = a.dim(op.transposeA() ? -2 : -1);
    for (long index = 0; index < y.elements(); index++) {
      long batch = index / ((long) rows * columns);
      int i = (int) (index / columns % rows);
      int j = (int) (index % columns);
      double sum = inputs.length == 3 ? inputs[2].get(j) : 0;
      for (int k = 0; k < depth; k++) {
        long left = op.transposeA() ? (long) k * rows + i : (long) i * depth + k;
        long right = op.transposeB() ? (long) j * depth + k : (long) k * columns + j;
        sum += (double) a.get(batch * rows * depth + left) * b.get(batch * depth * columns + right);
      }
      y.set(index, sum);
    }
  }
}
