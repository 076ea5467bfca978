package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_DEVICEPROP_HANDLE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_HANDLE;

/** The properties of the device that plans are made for. Whoever opens it closes it, after the plans. */
public final class CudnnTarget implements AutoCloseable {
  private final CudnnDescriptor properties;

  private CudnnTarget(CudnnDescriptor properties) {
    this.properties = properties;
  }

  /** The device of a handle. */
  public static CudnnTarget of(CudnnHandle handle) {
    CudnnDescriptor properties = new CudnnDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    properties.setAddresses(CUDNN_ATTR_DEVICEPROP_HANDLE, CUDNN_TYPE_HANDLE, handle.handle());
    return new CudnnTarget(properties.complete());
  }

  /**
   * A device that need not be there.
   *
   * @param json its properties, as {@link #json} gives them
   * @throws kiln.bindings.UserException if there is no cuDNN
   */
  public static CudnnTarget of(String json) {
    CudaLibraries.require(CudaLibrary.CUDNN);
    CudnnDescriptor properties = new CudnnDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    return new CudnnTarget(properties.setText(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, json).complete());
  }

  /** The properties, in cuDNN's own form. */
  public String json() {
    return properties.getText(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION);
  }

  CudnnDescriptor properties() {
    return properties;
  }

  @Override
  public void close() {
    properties.close();
  }
}
