package kiln.model.backend.cuda;

import kiln.bindings.cuda.CublasLtMatmul;
import kiln.bindings.cuda.CublasLtProduct;
import kiln.bindings.cuda.DeviceMemory;
import kiln.model.backend.cuda.KernelLaunch.At;
import kiln.model.plan.Launch;

/** A product of cuBLASLt's and where its matrices lie, which is known when it first runs and may change between runs. */
final class ProductLaunch implements Launch {
  private final CudaEngine engine;
  private final CublasLtProduct product;
  private final float factor;
  private final Places places;
  private CublasLtMatmul matmul;

  /**
   * @param factor what the product of a and b is multiplied by
   * @param places of a, b and y, and of the bias if the epilogue has one
   */
  ProductLaunch(CudaEngine engine, CublasLtProduct product, float factor, At... places) {
    this.engine = engine;
    this.product = product;
    this.factor = factor;
    this.places = new Places(places);
  }

  @Override
  public void run() {
    if (places.haveMoved() || matmul == null) {
      bind();
    }
    matmul.run(engine.productWorkspace(), engine.stream());
  }

  private void bind() {
    close();
    DeviceMemory bias = places.count() > 3 ? places.memory(3) : null;
    CublasLtMatmul.Operands operands =
        new CublasLtMatmul.Operands(places.memory(0), places.memory(1), places.memory(2), bias, null);
    matmul = new CublasLtMatmul(engine.cublas(), product, operands, engine.productWorkspace().byteSize());
    matmul.setFactor(factor);
    engine.choose(product, matmul);
  }

  @Override
  public String toString() {
    return "cuBLASLt, " + product.batch() + " × [" + product.m() + ", " + product.k() + "]·[" + product.k() + ", " + product.n()
        + "] of " + product.inputs();
  }

  @Override
  public void close() {
    if (matmul != null) {
      matmul.close();
      matmul = null;
    }
  }
}
