package kiln.model.backend.cpu;

import java.util.List;
import kiln.bindings.OnednnEngine;
import kiln.model.backend.InPlace;
import kiln.model.op.Affine;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.op.AvgPool2d;
import kiln.model.op.AvgPool2dGrad;
import kiln.model.op.Binary;
import kiln.model.op.Broadcast;
import kiln.model.op.Cast;
import kiln.model.op.CausalMask;
import kiln.model.op.Clamp;
import kiln.model.op.ClampGrad;
import kiln.model.op.Concat;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.CrossEntropy;
import kiln.model.op.CrossEntropyGrad;
import kiln.model.op.Embedding;
import kiln.model.op.EmbeddingGrad;
import kiln.model.op.Fill;
import kiln.model.op.Geglu;
import kiln.model.op.GegluGrad;
import kiln.model.op.GroupNorm;
import kiln.model.op.GroupNormGrad;
import kiln.model.op.LayerNorm;
import kiln.model.op.LayerNormGrad;
import kiln.model.op.MatMul;
import kiln.model.op.Op;
import kiln.model.op.Pad;
import kiln.model.op.Permute;
import kiln.model.op.RelativePositionBias;
import kiln.model.op.RelativePositionBiasGrad;
import kiln.model.op.Reshape;
import kiln.model.op.RmsNorm;
import kiln.model.op.RmsNormGrad;
import kiln.model.op.Roll;
import kiln.model.op.SelectRows;
import kiln.model.op.Slice;
import kiln.model.op.Softmax;
import kiln.model.op.SoftmaxGrad;
import kiln.model.op.Sum;
import kiln.model.op.TimestepEmbedding;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;
import kiln.model.op.UpsampleNearest;
import kiln.model.op.UpsampleNearestGrad;
import kiln.model.op.WeightedMse;
import kiln.model.op.WeightedMseGrad;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * Kernels for processors: convolutions and products on oneDNN, everything else in {@code native/cpu}. All of them
 * run on the OpenMP threads of the calling thread; OMP_NUM_THREADS says how many.
 */
public final class CpuBackend implements Backend {
  private final OnednnEngine engine = new OnednnEngine();

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Launch prepare(Op op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    return switch (op) {
      case Conv2d c -> Convolutions.forward(engine, c.geometry(), in, out.get(0), scratch);
      case Conv2dInputGrad c -> Convolutions.inputGrad(engine, c.geometry(), in.get(0), in.get(1), out.get(0), scratch);
      case Conv2dWeightGrad c -> Convolutions.weightGrad(engine, c.geometry(), in.get(0), in.get(1), out.get(0), scratch);
      case MatMul m -> DnnlMatMul.prepare(engine, m, in, out.get(0), scratch);
      case Affine _,
          Attention _,
          AttentionGrad _,
          AvgPool2d _,
          AvgPool2dGrad _,
          Binary _,
          Broadcast _,
          Cast _,
          CausalMask _,
          Clamp _,
          ClampGrad _,
          Concat _,
          CrossEntropy _,
          CrossEntropyGrad _,
          Embedding _,
          EmbeddingGrad _,
          Fill _,
          Geglu _,
          GegluGrad _,
          GroupNorm _,
          GroupNormGrad _,
          LayerNorm _,
          LayerNormGrad _,
          Pad _,
          Permute _,
          RelativePositionBias _,
          RelativePositionBiasGrad _,
          Reshape _,
          RmsNorm _,
          RmsNormGrad _,
          Roll _,
          SelectRows _,
          Slice _,
          Softmax _,
          SoftmaxGrad _,
          Sum _,
          TimestepEmbedding _,
          Unary _,
          UnaryGrad _,
          UpsampleNearest _,
          UpsampleNearestGrad _,
          WeightedMse _,
          WeightedMseGrad _ ->
          NativeKernels.prepare(op, in, out, scratch);
    };
  }

  @Override
  public boolean mayOverwrite(Op op, int input) {
    return InPlace.mayOverwrite(op, input);
  }

  @Override
  public void close() {
    engine.close();
  }
}
