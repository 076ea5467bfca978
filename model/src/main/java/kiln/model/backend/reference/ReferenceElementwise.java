package kiln.model.backend.reference;

import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Clamp;
import kiln.model.op.ClampGrad;
import kiln.model.op.Span;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;

/** Operations that look at one element at a time. */
final class ReferenceElementwise {
  private ReferenceElementwise() {}

  static void affine(Affine op, Tensor x, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, op.scale() * x.get(i) + op.shift());
    }
  }

  static void binary(Binary op, Tensor a, Tensor b, Tensor y) {
    Span span = Span.broadcast(b.shape(), a.shape());
    for (long i = 0; i < y.elements(); i++) {
      long outer = i / (span.middle() * span.inner());
      float left = a.get(i);
      float right = b.get(outer * span.inner() + i % span.inner());
      y.set(i, switch (op.kind()) {
        case ADD -> left + right;
        case SUB -> left - right;
        case MUL -> left * right;
      });
    }
  }

  static void cast(Tensor x, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, x.get(i));
    }
  }

  static void clamp(Clamp op, Tensor x, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, Math.min(Math.max(x.get(i), op.low()), op.high()));
    }
  }

  static void clampGrad(ClampGrad op, Tensor x, Tensor dy, Tensor dx) {
    for (long i = 0; i < dx.elements(); i++) {
      boolean inside = x.get(i) >= op.low() && x.get(i) <= op.high();
      dx.set(i, inside ? dy.get(i) : 0);
    }
  }

  static void unary(Unary op, Tensor x, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, Functions.value(op.function(), x.get(i)));
    }
  }

  static void unaryGrad(UnaryGrad op, Tensor x, Tensor dy, Tensor dx) {
    for (long i = 0; i < dx.elements(); i++) {
      dx.set(i, dy.get(i) * Functions.derivative(op.function(), x.get(i)));
    }
  }

  static void geglu(Tensor x, Tensor y) {
    int half = y.dim(-1);
    for (long i = 0; i < y.elements(); i++) {
      long a = i / half * 2 * half + i % half;
      y.set(i, x.get(a) * Functions.value(Unary.Function.GELU, x.get(a + half)));
    }
  }

  static void gegluGrad(Tensor x, Tensor dy, Tensor dx) {
    int half = dy.dim(-1);
    for (long i = 0; i < dy.elements(); i++) {
      long a = i / half * 2 * half + i % half;
      float value = x.get(a);
      float gate = x.get(a + half);
      dx.set(a, dy.get(i) * Functions.value(Unary.Function.GELU, gate));
      dx.set(a + half, dy.get(i) * value * Functions.derivative(Unary.Function.GELU, gate));
    }
  }
}
