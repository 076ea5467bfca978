package kiln.model.backend;

import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Clamp;
import kiln.model.op.ClampGrad;
import kiln.model.op.CrossEntropyGrad;
import kiln.model.op.GegluGrad;
import kiln.model.op.LayerNorm;
import kiln.model.op.LayerNormGrad;
import kiln.model.op.Op;
import kiln.model.op.RmsNorm;
import kiln.model.op.RmsNormGrad;
import kiln.model.op.Softmax;
import kiln.model.op.SoftmaxGrad;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;
import kiln.model.op.WeightedMseGrad;

/** Which inputs the kernels of {@code native} may write over: their loops are written so. */
public final class InPlace {
  private InPlace() {}

  /** See {@link kiln.model.plan.Backend#mayOverwrite}. */
  public static boolean mayOverwrite(Op op, int input) {
    return switch (op) {
      case Affine _, Clamp _, CrossEntropyGrad _, GegluGrad _, LayerNorm _, RmsNorm _, Softmax _, Unary _ -> input == 0;
      case Binary _, ClampGrad _, SoftmaxGrad _, UnaryGrad _, WeightedMseGrad _ -> input < 2;
      case LayerNormGrad _ -> input == 0 || input == 5; // x, dy
      case RmsNormGrad _ -> input == 0 || input == 3; // x, dy
      default -> false;
    };
  }
}
