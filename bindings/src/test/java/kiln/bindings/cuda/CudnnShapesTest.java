package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kiln.bindings.cuda.CudnnAttention.Bias;
import kiln.bindings.cuda.CudnnConvolution.Size;
import org.junit.jupiter.api.Test;

/** What is known of convolutions and attention without cuDNN. */
class CudnnShapesTest {
  private static CudnnAttention attention(long width, Bias... biases) {
    return new CudnnAttention(2, 5, 256, 77, width, width, 0.125f, List.of(biases), CudaType.BF16);
  }

  @Test
  void shouldRefuseAttentionThatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> attention(20));
    var e = assertThrows(IllegalArgumentException.class, () -> attention(64, new Bias(1, 5, 256, 78)));
    assertEquals(
        "Bias[batch=1, heads=5, queries=256, keys=78], expected extents of 1, or batch=2, heads=5, queries=256, keys=77",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> attention(64).backward(true, true));
    assertThrows(IllegalArgumentException.class, () -> attention(64, new Bias(1, 1, 1, 77)).backward(false, true));
  }

  @Test
  void shouldKnowHowLargeConvolutionsOutputIs() {
    Size in = new Size(32, 31);
    CudnnConvolution convolution =
        new CudnnConvolution(
            1, 6, in, 9, new Size(3, 5), new Size(2, 1), new Size(1, 2), Size.ZERO, Size.ONE, 3, CudaType.F32);
    assertEquals(new Size(16, 24), convolution.out());
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new CudnnConvolution(
                    1, 6, in, 8, Size.ONE, Size.ONE, Size.ONE, Size.ZERO, Size.ZERO, 3, CudaType.F32));
    assertTrue(e.getMessage().contains("groups=3"), e.getMessage());
  }

  @Test
  void shouldRefuseEnginesThatChangeNumbersMoreThanAllowed() {
    int tensorCore = CudnnConstants.CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
    int varying = CudnnConstants.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
    int winograd = CudnnConstants.CUDNN_NUMERICAL_NOTE_WINOGRAD;
    assertTrue(CudnnNumerics.EXACT_FLOAT32.allow(new int[0]));
    assertTrue(CudnnNumerics.REPEATABLE.allow(new int[] {tensorCore}));
    assertTrue(new CudnnNumerics(false, true).allow(new int[] {varying}));
    for (int note : new int[] {tensorCore, varying, winograd}) {
      assertEquals(false, CudnnNumerics.EXACT_FLOAT32.allow(new int[] {note}), "note " + note);
    }
    assertEquals(false, CudnnNumerics.REPEATABLE.allow(new int[] {tensorCore, varying}));
    assertEquals(false, new CudnnNumerics(true, true).allow(new int[] {winograd}));
  }
}
