package kiln.model.backend.cuda;

import java.util.List;
import kiln.bindings.DeviceKernels;
import kiln.model.backend.KernelTypes;
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

/**
 * Launches of Kiln's own kernels, {@code native/cuda}: every operation but convolutions and products, which libraries do.
 *
 * @param products the products inside attention, a library's too
 * @param maxScores of attention, that scratch memory is taken for; one sample's in any case
 */
record CudaKernels(DeviceKernels kernels, HeadProducts products, long maxScores) {
  static final KernelTypes TYPES = new KernelTypes("native/cuda");

  /**
   * @throws IllegalArgumentException if there is no kernel for this operation or these types
   */
  Launch prepare(Op op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    Buffer y = out.getFirst();
    ElementwiseLaunches elementwise = new ElementwiseLaunches(kernels);
    AttentionLaunches attentions = new AttentionLaunches(kernels, products, maxScores, scratch);
    NormLaunches norms = new NormLaunches(kernels, scratch);
    ReductionLaunches reductions = new ReductionLaunches(kernels, scratch);
    MoveLaunches moves = new MoveLaunches(kernels);
    LookupLaunches lookups = new LookupLaunches(kernels, scratch);
    MapLaunches maps = new MapLaunches(kernels);
    return switch (op) {
      case Affine affine -> elementwise.affine(affine, in.getFirst(), y);
      case Binary binary -> elementwise.binary(binary, in, y);
      case Broadcast broadcast -> elementwise.broadcast(broadcast, in, y);
      case Cast cast -> elementwise.cast(cast, in.getFirst(), y);
      case Clamp clamp -> elementwise.clamp(clamp, in, y);
      case ClampGrad grad -> elementwise.clampGrad(grad, in, y);
      case Fill fill -> elementwise.fill(fill, y);
      case Geglu geglu -> elementwise.geglu(geglu, in, y);
      case GegluGrad grad -> elementwise.gegluGrad(grad, in, y);
      case Unary unary -> elementwise.unary(unary, in, y);
      case UnaryGrad grad -> elementwise.unaryGrad(grad, in, y);

      case Attention attention -> attentions.forward(attention, in, out);
      case AttentionGrad grad -> attentions.backward(grad, in, out);

      case GroupNorm norm -> norms.groupNorm(norm, in, out);
      case GroupNormGrad grad -> norms.groupNormGrad(grad, in, out);
      case LayerNorm norm -> norms.layerNorm(norm, in, out);
      case LayerNormGrad grad -> norms.layerNormGrad(grad, in, out);
      case RmsNorm norm -> norms.rmsNorm(norm, in, out);
      case RmsNormGrad grad -> norms.rmsNormGrad(grad, in, out);

      case CrossEntropy loss -> reductions.crossEntropy(loss, in, y);
      case CrossEntropyGrad grad -> reductions.crossEntropyGrad(grad, in, y);
      case Softmax softmax -> reductions.softmax(softmax, in, y);
      case SoftmaxGrad grad -> reductions.softmaxGrad(grad, in, y);
      case Sum sum -> reductions.sum(sum, in, y);
      case WeightedMse loss -> reductions.weightedMse(loss, in, out);
      case WeightedMseGrad grad -> reductions.weightedMseGrad(grad, in, y);

      case Concat concat -> moves.concat(concat, in, y);
      case Pad pad -> moves.pad(pad, in, y);
      case Permute permute -> moves.permute(permute, in, y);
      case Roll roll -> moves.roll(roll, in, y);
      case Slice slice -> moves.slice(slice, in, y);

      case CausalMask mask -> lookups.causalMask(mask, y);
      case Embedding embedding -> lookups.embedding(embedding, in, y);
      case EmbeddingGrad grad -> lookups.embeddingGrad(grad, in, y);
      case RelativePositionBias bias -> lookups.relativePositionBias(bias, in, y);
      case RelativePositionBiasGrad grad -> lookups.relativePositionBiasGrad(grad, in, y);
      case SelectRows select -> lookups.selectRows(select, in, y);

      case AvgPool2d pool -> maps.avgPool2d(pool, in, y);
      case AvgPool2dGrad grad -> maps.avgPool2dGrad(grad, in, y);
      case TimestepEmbedding embedding -> maps.timestepEmbedding(embedding, in, y);
      case UpsampleNearest upsample -> maps.upsampleNearest(upsample, in, y);
      case UpsampleNearestGrad grad -> maps.upsampleNearestGrad(grad, in, y);

      case Conv2d none -> throw TYPES.missing(none, in);
      case Conv2dInputGrad none -> throw TYPES.missing(none, in);
      case Conv2dWeightGrad none -> throw TYPES.missing(none, in);
      case MatMul none -> throw TYPES.missing(none, in);
      case Reshape none -> throw TYPES.missing(none, in); // a view
    };
  }

  /** What is said of an index that kernels cannot use. */
  static String expectedBelow(Op op, long limit) {
    return op + ": expected indices below " + limit;
  }
}
