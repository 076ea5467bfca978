package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.TextEncoder;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;

/** The text encoder for captions of one length, one at a time, so that an encoding does not depend on what else is drawn. */
final class TextPlan implements Phase.Shaped {
  private final Value ids;
  private final Value mask;
  private final Value hidden;
  private final NetworkPlan plan;

  TextPlan(int length, TextEncoder encoder, Backend backend, DType compute) {
    Graph graph = new Graph();
    ids = graph.input("ids", TensorType.i32(1, length));
    mask = graph.input("mask", TensorType.i32(1, length));
    hidden = Ops.cast(encoder.apply(ids, mask, compute), DType.F32); // [1, length, width]
    plan = new NetworkPlan(graph, backend, List.of(hidden), List.of());
  }

  @Override
  public NetworkPlan plan() {
    return plan;
  }

  void encode(Caption caption, TextEncodings encodings) {
    MemorySegment idPlace = plan.place(ids);
    MemorySegment maskPlace = plan.place(mask);
    for (int i = 0; i < caption.length(); i++) {
      idPlace.setAtIndex(ValueLayout.JAVA_INT, i, caption.ids().get(i));
      maskPlace.setAtIndex(ValueLayout.JAVA_INT, i, i < caption.numTokens() ? 1 : 0);
    }
    plan.run();
    encodings.put(caption, plan.place(hidden));
  }
}
