package kiln.bindings.cuda;

/** Element types that cuDNN and cuBLASLt compute with. */
public enum CudaType {
  F32(CudnnConstants.CUDNN_DATA_FLOAT, CublasLtConstants.CUDA_R_32F, 4),
  BF16(CudnnConstants.CUDNN_DATA_BFLOAT16, CublasLtConstants.CUDA_R_16BF, 2);

  private final int cudnn;
  private final int cublas;
  private final int bytes;

  CudaType(int cudnn, int cublas, int bytes) {
    this.cudnn = cudnn;
    this.cublas = cublas;
    this.bytes = bytes;
  }

  /** cudnnDataType_t. */
  int cudnn() {
    return cudnn;
  }

  /** cudaDataType. */
  int cublas() {
    return cublas;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
