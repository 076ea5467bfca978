package kiln.model.network.t5;

import kiln.model.graph.Initializer;
import kiln.model.graph.Value;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;

/**
 * softmax(q·kᵀ + bias + mask)·v without the usual 1/√dKv, which T5 folds into the initial queries: their standard deviation is
 * (dModel·dKv)^-½, that of keys and values dModel^-½, that of the output (heads·dKv)^-½. Keys and values come from the queries'
 * own sequence or from another.
 */
final class T5Attention {
  private static final float SCALE = 1;

  /** What is attended to, each [N, Lk, heads·dKv]. */
  record KeyValue(Value key, Value value) {}

  private final ParameterScope scope;
  private final int numHeads;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear o;

  T5Attention(ParameterScope scope, T5Config config) {
    this.scope = scope;
    this.numHeads = config.numHeads();
    int dModel = config.dModel();
    int inner = config.numHeads() * config.dKv();
    double factor = config.initializerFactor();
    this.q = Linear.withoutBias(scope.child("q"), dModel, inner, normal(factor / Math.sqrt((double) dModel * config.dKv())));
    this.k = Linear.withoutBias(scope.child("k"), dModel, inner, normal(factor / Math.sqrt(dModel)));
    this.v = Linear.withoutBias(scope.child("v"), dModel, inner, normal(factor / Math.sqrt(dModel)));
    this.o = Linear.withoutBias(scope.child("o"), inner, dModel, normal(factor / Math.sqrt(inner)));
  }

  private static Initializer normal(double deviation) {
    return new Initializer.Normal((float) deviation);
  }

  /** source [N, Lk, dModel] → its keys and values. */
  KeyValue keyValue(Value source) {
    return scope.trace(source.graph(), () -> new KeyValue(k.apply(source), v.apply(source)));
  }

  /** x [N, Lq, dModel], bias and mask (each may be null) broadcastable to [N, heads, Lq, Lk] → [N, Lq, dModel]. */
  Value apply(Value x, KeyValue source, Value bias, Value mask) {
    return scope.trace(
        x.graph(),
        () -> o.apply(Ops.attention(q.apply(x), source.key(), source.value(), numHeads, SCALE, bias, mask)));
  }
}
