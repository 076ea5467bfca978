package kiln.model.backend.cpu;

import java.util.List;
import kiln.model.backend.KernelTypes;
import kiln.model.graph.DType;
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
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Launches of Kiln's own kernels, {@code native/cpu}: every operation that is not oneDNN's. */
final class NativeKernels {
  private static final KernelTypes TYPES = new KernelTypes("native/cpu");

  private NativeKernels() {}

  /**
   * @throws IllegalArgumentException if there is no kernel for this operation or these types
   */
  static Launch prepare(Op op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    return switch (op) {
      case Affine affine -> ElementwiseLaunches.affine(affine, in, out);
      case Binary binary -> ElementwiseLaunches.binary(binary, in, out);
      case Broadcast broadcast -> ElementwiseLaunches.broadcast(broadcast, in, out);
      case Cast cast -> ElementwiseLaunches.cast(cast, in, out);
      case Clamp clamp -> ElementwiseLaunches.clamp(clamp, in, out);
      case ClampGrad grad -> ElementwiseLaunches.clampGrad(grad, in, out);
      case Fill fill -> ElementwiseLaunches.fill(fill, out);
      case Geglu geglu -> ElementwiseLaunches.geglu(geglu, in, out);
      case GegluGrad grad -> ElementwiseLaunches.gegluGrad(grad, in, out);
      case Unary unary -> ElementwiseLaunches.unary(unary, in, out);
      case UnaryGrad grad -> ElementwiseLaunches.unaryGrad(grad, in, out);

      case Attention attention -> new AttentionLaunch.Forward(attention, in, out, scratch);
      case AttentionGrad grad -> new AttentionLaunch.Backward(grad, in, out, scratch);

      case GroupNorm norm -> NormLaunches.groupNorm(norm, in, out);
      case GroupNormGrad grad -> NormLaunches.groupNormGrad(grad, in, out, scratch);
      case LayerNorm norm -> NormLaunches.layerNorm(norm, in, out);
      case LayerNormGrad grad -> NormLaunches.layerNormGrad(grad, in, out, scratch);
      case RmsNorm norm -> NormLaunches.rmsNorm(norm, in, out);
      case RmsNormGrad grad -> NormLaunches.rmsNormGrad(grad, in, out, scratch);

      case CrossEntropy loss -> ReductionLaunches.crossEntropy(loss, in, out, scratch);
      case CrossEntropyGrad grad -> ReductionLaunches.crossEntropyGrad(grad, in, out);
      case Softmax softmax -> ReductionLaunches.softmax(softmax, in, out);
      case SoftmaxGrad grad -> ReductionLaunches.softmaxGrad(grad, in, out);
      case Sum sum -> ReductionLaunches.sum(sum, in, out, scratch);
      case WeightedMse loss -> ReductionLaunches.weightedMse(loss, in, out);
      case WeightedMseGrad grad -> ReductionLaunches.weightedMseGrad(grad, in, out);

      case Concat concat -> MoveLaunches.concat(concat, in, out);
      case Pad pad -> MoveLaunches.pad(pad, in, out);
      case Permute permute -> MoveLaunches.permute(permute, in, out);
      case Roll roll -> MoveLaunches.roll(roll, in, out);
      case Slice slice -> MoveLaunches.slice(slice, in, out);

      case CausalMask mask -> LookupLaunches.causalMask(mask, out);
      case Embedding embedding -> LookupLaunches.embedding(embedding, in, out);
      case EmbeddingGrad grad -> LookupLaunches.embeddingGrad(grad, in, out);
      case RelativePositionBias bias -> LookupLaunches.relativePositionBias(bias, in, out);
      case RelativePositionBiasGrad grad -> LookupLaunches.relativePositionBiasGrad(grad, in, out, scratch);
      case SelectRows select -> LookupLaunches.selectRows(select, in, out);

      case AvgPool2d pool -> MapLaunches.avgPool2d(pool, in, out);
      case AvgPool2dGrad grad -> MapLaunches.avgPool2dGrad(grad, in, out);
      case TimestepEmbedding embedding -> MapLaunches.timestepEmbedding(embedding, in, out);
      case UpsampleNearest upsample -> MapLaunches.upsampleNearest(upsample, in, out);
      case UpsampleNearestGrad grad -> MapLaunches.upsampleNearestGrad(grad, in, out);

      case Conv2d none -> throw missing(none, in);
      case Conv2dInputGrad none -> throw missing(none, in);
      case Conv2dWeightGrad none -> throw missing(none, in);
      case MatMul none -> throw missing(none, in);
      case Reshape none -> throw missing(none, in);
    };
  }

  /** Checks the element types of the inputs. */
  static void require(Op op, List<Buffer> in, DType... types) {
    TYPES.require(op, in, types);
  }

  /** See {@link KernelTypes#requireActivations}. */
  static int requireActivations(Op op, List<Buffer> in, DType... types) {
    return TYPES.requireActivations(op, in, types);
  }

  static IllegalArgumentException missing(Op op, List<Buffer> in) {
    return TYPES.missing(op, in);
  }
}
