package kiln.model.backend.reference;

import java.util.List;
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
 * Every operation as plain Java loops over float32 elements with sums in double. It is written to be read and trusted, not to
 * be fast: no vectorisation, no threads, no scratch memory.
 */
public final class ReferenceBackend implements Backend {
  @Override
  public String name() {
    return "reference";
  }

  @Override
  public Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    Tensor[] x = inputs.stream().map(Tensor::new).toArray(Tensor[]::new);
    Tensor[] y = outputs.stream().map(Tensor::new).toArray(Tensor[]::new);
    return switch (op) {
      case Affine o -> () -> ReferenceElementwise.affine(o, x[0], y[0]);
      case Attention o -> () -> ReferenceAttention.forward(o, x, y[0], y[1]);
      case AttentionGrad o -> () -> ReferenceAttention.gradient(o, x, y);
      case AvgPool2d o -> () -> ReferenceResize.avgPool(o, x[0], y[0]);
      case AvgPool2dGrad o -> () -> ReferenceResize.avgPoolGrad(o, x[0], y[0]);
      case Binary o -> () -> ReferenceElementwise.binary(o, x[0], x[1], y[0]);
      case Broadcast _ -> () -> ReferenceLayout.broadcast(x[0], y[0]);
      case Cast _ -> () -> ReferenceElementwise.cast(x[0], y[0]);
      case CausalMask o -> () -> ReferenceEmbedding.causalMask(o, y[0]);
      case Clamp o -> () -> ReferenceElementwise.clamp(o, x[0], y[0]);
      case ClampGrad o -> () -> ReferenceElementwise.clampGrad(o, x[0], x[1], y[0]);
      case Concat o -> () -> ReferenceLayout.concat(o, x, y[0]);
      case Conv2d o -> () -> ReferenceConvolution.forward(o, x, y[0]);
      case Conv2dInputGrad o -> () -> ReferenceConvolution.inputGrad(o, x[0], x[1], y[0]);
      case Conv2dWeightGrad o -> () -> ReferenceConvolution.weightGrad(o, x[0], x[1], y[0]);
      case CrossEntropy o -> () -> ReferenceLosses.crossEntropy(o, x[0], x[1], y[0]);
      case CrossEntropyGrad o -> () -> ReferenceLosses.crossEntropyGrad(o, x[0], x[1], x[2], y[0]);
      case Embedding _ -> () -> ReferenceEmbedding.lookup(x[0], x[1], y[0]);
      case EmbeddingGrad o -> () -> ReferenceEmbedding.lookupGrad(o, x[0], x[1], y[0]);
      case Fill o -> () -> y[0].fill(o.value());
      case Geglu _ -> () -> ReferenceElementwise.geglu(x[0], y[0]);
      case GegluGrad _ -> () -> ReferenceElementwise.gegluGrad(x[0], x[1], y[0]);
      case GroupNorm o -> () -> ReferenceGroupNorm.forward(o, x, y);
      case GroupNormGrad o -> () -> ReferenceGroupNorm.gradient(o, x, y);
      case LayerNorm o -> () -> ReferenceRowNorms.layerNorm(o, x, y);
      case LayerNormGrad _ -> () -> ReferenceRowNorms.layerNormGrad(x, y);
      case MatMul o -> () -> ReferenceMatMul.run(o, x, y[0]);
      case Pad o -> () -> ReferenceLayout.pad(o, x[0], y[0]);
      case Permute o -> () -> ReferenceLayout.permute(o, x[0], y[0]);
      case RelativePositionBias o -> () -> ReferenceEmbedding.relativePositionBias(o, x[0], y[0]);
      case RelativePositionBiasGrad o -> () -> ReferenceEmbedding.relativePositionBiasGrad(o, x[0], y[0]);
      case Reshape _ -> () -> ReferenceLayout.copy(x[0], y[0]);
      case RmsNorm o -> () -> ReferenceRowNorms.rmsNorm(o, x, y);
      case RmsNormGrad _ -> () -> ReferenceRowNorms.rmsNormGrad(x, y);
      case Roll o -> () -> ReferenceLayout.roll(o, x[0], y[0]);
      case SelectRows _ -> () -> ReferenceEmbedding.selectRows(x[0], x[1], x[2], y[0]);
      case Slice o -> () -> ReferenceLayout.slice(o, x[0], y[0]);
      case Softmax o -> () -> ReferenceLosses.softmax(o, x[0], y[0]);
      case SoftmaxGrad o -> () -> ReferenceLosses.softmaxGrad(o, x[0], x[1], y[0]);
      case Sum o -> () -> ReferenceLayout.sum(o, x[0], y[0]);
      case TimestepEmbedding o -> () -> ReferenceEmbedding.timesteps(o, x[0], y[0]);
      case Unary o -> () -> ReferenceElementwise.unary(o, x[0], y[0]);
      case UnaryGrad o -> () -> ReferenceElementwise.unaryGrad(o, x[0], x[1], y[0]);
      case UpsampleNearest _ -> () -> ReferenceResize.upsample(x[0], y[0]);
      case UpsampleNearestGrad _ -> () -> ReferenceResize.upsampleGrad(x[0], y[0]);
      case WeightedMse _ -> () -> ReferenceLosses.weightedMse(x, y[0], y[1]);
      case WeightedMseGrad _ -> () -> ReferenceLosses.weightedMseGrad(x, y[0]);
    };
  }

  /** What looks at one element at a time. */
  @Override
  public boolean mayOverwrite(Op op, int input) {
    return switch (op) {
      case Affine _, Binary _, Clamp _, ClampGrad _, GegluGrad _, Unary _, UnaryGrad _ -> input == 0;
      default -> false;
    };
  }

  @Override
  public void close() {}
}
