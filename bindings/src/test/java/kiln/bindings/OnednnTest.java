package kiln.bindings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OnednnTest {
  private final OnednnEngine engine = new OnednnEngine();
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
    engine.close();
  }

  @Test
  void shouldTellVersionAndInstructions() {
    assertTrue(Onednn.version().matches("3\\.\\d+\\.\\d+"), Onednn.version());
    assertFalse(Onednn.cpuIsa().startsWith("isa"), Onednn.cpuIsa());
  }

  @Test
  void shouldMultiplyMatricesWithBiasAndScaleAndTransposedWeights() {
    try (var a = OnednnMemoryDescriptor.plain(OnednnType.F32, 2, 3);
        var b = OnednnMemoryDescriptor.strided(OnednnType.F32, new long[] {3, 2}, new long[] {1, 3});
        var bias = OnednnMemoryDescriptor.plain(OnednnType.F32, 1, 2);
        var c = OnednnMemoryDescriptor.plain(OnednnType.F32, 2, 2);
        var descriptor = OnednnPrimitiveDescriptor.matmul(engine, a, b, bias, c, 2)) {
      float[] result =
          run(descriptor, new int[] {Onednn.ARG_SRC, Onednn.ARG_WEIGHTS, Onednn.ARG_BIAS, Onednn.ARG_DST}, 4,
              new float[] {1, 2, 3, 4, 5, 6}, new float[] {1, 0, 1, 0, 2, 0}, new float[] {10, 20});
      assertArrayEquals(new float[] {28, 48, 40, 60}, result);
    }
  }

  @Test
  void shouldConvolveAndDifferentiate() {
    long[] none = {0, 0};
    var window = new OnednnPrimitiveDescriptor.Window(new long[] {1, 1}, none, new long[] {0, 1}, none);
    try (var x = OnednnMemoryDescriptor.nhwc(OnednnType.F32, 1, 1, 1, 3);
        var w = OnednnMemoryDescriptor.plain(OnednnType.F32, 1, 1, 1, 2);
        var bias = OnednnMemoryDescriptor.plain(OnednnType.F32, 1);
        var y = OnednnMemoryDescriptor.nhwc(OnednnType.F32, 1, 1, 1, 3);
        var forward = OnednnPrimitiveDescriptor.convolutionForward(engine, x, w, bias, y, window);
        var data = OnednnPrimitiveDescriptor.convolutionBackwardData(forward, x, w, y, window);
        var weights = OnednnPrimitiveDescriptor.convolutionBackwardWeights(forward, x, w, y, window)) {
      int[] arguments = {Onednn.ARG_SRC, Onednn.ARG_WEIGHTS, Onednn.ARG_BIAS, Onednn.ARG_DST};
      float[] out = run(forward, arguments, 3, new float[] {1, 2, 3}, new float[] {10, 1}, new float[] {0.5f});
      assertArrayEquals(new float[] {1.5f, 12.5f, 23.5f}, out);

      arguments = new int[] {Onednn.ARG_DIFF_DST, Onednn.ARG_WEIGHTS, Onednn.ARG_DIFF_SRC};
      assertArrayEquals(new float[] {21, 32, 3}, run(data, arguments, 3, new float[] {1, 2, 3}, new float[] {10, 1}));

      arguments = new int[] {Onednn.ARG_SRC, Onednn.ARG_DIFF_DST, Onednn.ARG_DIFF_WEIGHTS};
      assertArrayEquals(new float[] {8, 14}, run(weights, arguments, 2, new float[] {1, 2, 3}, new float[] {1, 2, 3}));
    }
  }

  @Test
  void shouldReorder() {
    try (var from = OnednnMemoryDescriptor.plain(OnednnType.F32, 2, 3);
        var to = OnednnMemoryDescriptor.strided(OnednnType.F32, new long[] {2, 3}, new long[] {1, 2});
        var descriptor = OnednnPrimitiveDescriptor.reorder(engine, from, to)) {
      int[] arguments = {Onednn.ARG_SRC, Onednn.ARG_DST};
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, run(descriptor, arguments, 6, new float[] {1, 2, 3, 4, 5, 6}));
      assertFalse(from.sameAs(to));
      assertEquals(24, to.bytes());
    }
  }

  @Test
  void shouldNameFunctionAndStatusOfFailure() {
    try (var a = OnednnMemoryDescriptor.plain(OnednnType.F32, 2, 3);
        var b = OnednnMemoryDescriptor.plain(OnednnType.F32, 4, 2)) {
      var failure = assertThrows(NativeException.class, () -> OnednnPrimitiveDescriptor.matmul(engine, a, b, null, a, 1));
      assertEquals(
          "dnnl: dnnl_matmul_primitive_desc_create failed with status=2 (invalid_arguments)", failure.getMessage());
    }
  }

  @Test
  void shouldRefuseTooSmallPlace() {
    try (var a = OnednnMemoryDescriptor.plain(OnednnType.F32, 2, 3);
        var descriptor = OnednnPrimitiveDescriptor.reorder(engine, a, a);
        var primitive = new OnednnPrimitive(descriptor, Onednn.ARG_SRC, Onednn.ARG_DST)) {
      assertThrows(IllegalArgumentException.class, () -> primitive.place(0, arena.allocate(27), 4));
    }
  }

  /** Runs with the given inputs and one output, the last of {@code arguments}. */
  private float[] run(OnednnPrimitiveDescriptor descriptor, int[] arguments, int outputs, float[]... inputs) {
    int numArguments = arguments.length;
    long scratch = descriptor.scratchBytes();
    if (scratch > 0) {
      arguments = Arrays.copyOf(arguments, numArguments + 1);
      arguments[numArguments] = Onednn.ARG_SCRATCHPAD;
    }
    try (var primitive = new OnednnPrimitive(descriptor, arguments)) {
      for (int i = 0; i < inputs.length; i++) {
        primitive.place(i, arena.allocateFrom(ValueLayout.JAVA_FLOAT, inputs[i]), 0);
      }
      MemorySegment result = arena.allocate(outputs * 4L, 64);
      primitive.place(numArguments - 1, result, 0);
      if (scratch > 0) {
        primitive.place(numArguments, arena.allocate(scratch, 64), 0);
      }
      primitive.execute();
      return result.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
