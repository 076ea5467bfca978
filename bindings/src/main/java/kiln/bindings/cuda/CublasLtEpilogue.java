package kiln.bindings.cuda;

import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_BGRADA;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_BGRADB;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_BIAS;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_DEFAULT;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_DGELU;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_DGELU_BGRAD;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_GELU;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_GELU_AUX;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_GELU_AUX_BIAS;
import static kiln.bindings.cuda.CublasLtConstants.CUBLASLT_EPILOGUE_GELU_BIAS;

/**
 * What a product does besides, in the terms of {@link CublasLtProduct}: y [m, n], bias [n], and an auxiliary matrix [m, n] of y's
 * type. GELU is cuBLASLt's, by its approximation with tanh (Hendrycks and Gimpel 2016).
 */
public enum CublasLtEpilogue {
  NONE(CUBLASLT_EPILOGUE_DEFAULT, false, false),
  /** y = a·b + bias. */
  BIAS(CUBLASLT_EPILOGUE_BIAS, true, false),
  /** y = gelu(a·b). */
  GELU(CUBLASLT_EPILOGUE_GELU, false, false),
  /** y = gelu(a·b + bias). */
  GELU_BIAS(CUBLASLT_EPILOGUE_GELU_BIAS, true, false),
  /** auxiliary = a·b; y = gelu(auxiliary). */
  GELU_AUX(CUBLASLT_EPILOGUE_GELU_AUX, false, true),
  /** auxiliary = a·b + bias; y = gelu(auxiliary). */
  GELU_AUX_BIAS(CUBLASLT_EPILOGUE_GELU_AUX_BIAS, true, true),
  /** y = a·b · gelu′(auxiliary). */
  DGELU(CUBLASLT_EPILOGUE_DGELU, false, true),
  /** The same; bias = the sum of y's rows. */
  DGELU_BIAS_GRADIENT(CUBLASLT_EPILOGUE_DGELU_BGRAD, true, true),
  /** y = a·b; bias [m] = the sum of a over the inner axis. */
  BIAS_GRADIENT_OF_A(CUBLASLT_EPILOGUE_BGRADB, true, false), // the library's factors are ours, exchanged
  /** y = a·b; bias [n] = the sum of b over the inner axis. */
  BIAS_GRADIENT_OF_B(CUBLASLT_EPILOGUE_BGRADA, true, false);

  private final int code;
  private final boolean bias;
  private final boolean auxiliary;

  CublasLtEpilogue(int code, boolean bias, boolean auxiliary) {
    this.code = code;
    this.bias = bias;
    this.auxiliary = auxiliary;
  }

  int code() {
    return code;
  }

  /** Whether it reads or writes a bias. */
  public boolean hasBias() {
    return bias;
  }

  /** Whether it reads or writes an auxiliary matrix. */
  public boolean hasAuxiliary() {
    return auxiliary;
  }
}
