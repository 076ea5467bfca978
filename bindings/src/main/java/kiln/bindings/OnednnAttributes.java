package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How primitives compute: scratch memory comes from the caller, results do not change from run to run, and, if wanted, the
 * result is multiplied by a factor before it is written.
 */
final class OnednnAttributes implements AutoCloseable {
  private final MemorySegment attributes;

  /**
   * @param scale the factor; 1 for none
   */
  OnednnAttributes(float scale) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = Onednn.pointer(call);
      Onednn.check("dnnl_primitive_attr_create", (int) OnednnFunctions.PRIMITIVE_ATTR_CREATE.invokeExact(result));
      attributes = result.get(ADDRESS, 0);
      Onednn.check(
          "dnnl_primitive_attr_set_scratchpad_mode",
          (int) OnednnFunctions.PRIMITIVE_ATTR_SET_SCRATCHPAD_MODE.invokeExact(attributes, Onednn.SCRATCHPAD_MODE_USER));
      Onednn.check(
          "dnnl_primitive_attr_set_deterministic",
          (int) OnednnFunctions.PRIMITIVE_ATTR_SET_DETERMINISTIC.invokeExact(attributes, 1));
      if (scale != 1) {
        setScale(result, scale);
      }
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private void setScale(MemorySegment result, float scale) throws Throwable {
    Onednn.check("dnnl_post_ops_create", (int) OnednnFunctions.POST_OPS_CREATE.invokeExact(result));
    MemorySegment postOps = result.get(ADDRESS, 0);
    Onednn.check(
        "dnnl_post_ops_append_eltwise",
        (int) OnednnFunctions.POST_OPS_APPEND_ELTWISE.invokeExact(postOps, Onednn.ELTWISE_LINEAR, scale, 0f));
    Onednn.check(
        "dnnl_primitive_attr_set_post_ops",
        (int) OnednnFunctions.PRIMITIVE_ATTR_SET_POST_OPS.invokeExact(attributes, postOps));
    Onednn.check("dnnl_post_ops_destroy", (int) OnednnFunctions.POST_OPS_DESTROY.invokeExact(postOps));
  }

  MemorySegment handle() {
    return attributes;
  }

  @Override
  public void close() {
    try {
      Onednn.check("dnnl_primitive_attr_destroy", (int) OnednnFunctions.PRIMITIVE_ATTR_DESTROY.invokeExact(attributes));
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
