package kiln.model.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kiln.model.Bfloat16;
import kiln.model.Evaluation;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.op.Op;
import kiln.model.op.Ops;
import kiln.model.optim.StateKernels;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.PlanRunner;
import kiln.model.plan.Program;
import kiln.model.plan.Scratch;
import kiln.model.plan.TensorMemory;
import org.junit.jupiter.api.Test;

/** The gradient of attention where scratch memory does not suffice for the scores of all samples. */
class FusedAttentionTest {
  private static final int SAMPLES = 4;
  private static final int LENGTH = 6;

  /** Bytes of the scores of a sample, as the gradient keeps them. */
  private static final long SCORES = 2 * LENGTH * LENGTH * 2;

  /** The CUDA backend with a bound on scratch; notes what it prepared gradients as. */
  private static final class Bounded implements Backend {
    final List<String> prepared = new ArrayList<>();
    private final CudaEngine engine = FakeGpu.open();
    private final CudaBackend all = new CudaBackend(engine, true);
    private final long maxWorkspace;

    Bounded(long maxWorkspace) {
      this.maxWorkspace = maxWorkspace;
    }

    @Override
    public String name() {
      return "cuda";
    }

    @Override
    public Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
      if (!(op instanceof AttentionGrad grad)) {
        return all.prepare(op, inputs, outputs, scratch);
      }
      Launch launch = new FusedAttention(engine, maxWorkspace, scratch).backward(grad, inputs, outputs).orElseThrow();
      prepared.addAll(List.of(launch.toString().split("; ")));
      return launch;
    }

    @Override
    public TensorMemory memory() {
      return all.memory();
    }

    @Override
    public StateKernels stateKernels() {
      return all.stateKernels();
    }

    @Override
    public PlanRunner runner(Program program) {
      return all.runner(program);
    }

    @Override
    public void close() {
      all.close();
    }
  }

  @Test
  void shouldGiveTheSameGradientsForAFewSamplesAtATime() {
    List<float[]> together = gradients(SAMPLES * SCORES, 1);
    List<float[]> byTwo = gradients(3 * SCORES, 2);
    List<float[]> byOne = gradients(SCORES, 4);
    for (int i = 0; i < together.size(); i++) {
      assertArrayEquals(together.get(i), byTwo.get(i), "by two, gradient " + i);
      assertArrayEquals(together.get(i), byOne.get(i), "by one, gradient " + i);
    }
  }

  private static List<float[]> gradients(long maxWorkspace, int launches) {
    Graph graph = new Graph();
    TensorType type = new TensorType(DType.BF16, Shape.of(SAMPLES, LENGTH, 16));
    List<Value> inputs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      inputs.add(graph.input("in" + i, type));
    }
    Value mask = graph.input("mask", TensorType.i32(SAMPLES, 1, LENGTH, LENGTH));
    List<Value> all = new ArrayList<>(inputs);
    all.add(mask);
    Value y = graph.apply(new Attention(2, 0.3f, false, true), all).getFirst();
    Value weights = graph.input("r", TensorType.f32(type.shape()));
    Value loss = Ops.reshape(Ops.sum(Ops.mul(Ops.cast(y, DType.F32), weights), 0, 3), Shape.SCALAR);
    List<Value> gradients = List.copyOf(Autodiff.gradients(loss, inputs).values());
    Random random = new Random(3);
    try (Bounded backend = new Bounded(maxWorkspace);
        Evaluation evaluation = new Evaluation(graph, backend, gradients)) {
      for (Value input : inputs) {
        evaluation.set(input, Bfloat16.narrow(normal(random, input)));
      }
      int[] keep = random.ints(SAMPLES * LENGTH * LENGTH, 0, 2).toArray();
      for (int row = 0; row < keep.length; row += LENGTH) {
        keep[row] = 1;
      }
      evaluation.set(mask, keep).set(weights, normal(random, weights)).run();
      long fused = backend.prepared.stream().filter(text -> text.startsWith("cuDNN")).count();
      assertEquals(launches, fused, backend.prepared::toString);
      return gradients.stream().map(evaluation::get).toList();
    }
  }

  private static float[] normal(Random random, Value value) {
    float[] numbers = new float[(int) value.shape().elements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }
}
