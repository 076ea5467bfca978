package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Mean over windows of a feature map [N, H, W, C], without padding; incomplete windows are left out. */
public record AvgPool2d(int kernel, int stride) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape x = inputs.getFirst().shape();
    boolean fits = x.rank() == 4 && x.dim(1) >= kernel && x.dim(2) >= kernel;
    Check.that(fits, this, inputs, "[N, H, W, C] not smaller than the kernel");
    return List.of(TensorType.f32(x.dim(0), (x.dim(1) - kernel) / stride + 1, (x.dim(2) - kernel) / stride + 1, x.dim(3)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Shape x = node.input(0).shape();
    return List.of(dy.graph().apply(new AvgPool2dGrad(kernel, stride, x.dim(1), x.dim(2)), dy));
  }
}
