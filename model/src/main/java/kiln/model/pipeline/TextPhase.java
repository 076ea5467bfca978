package kiln.model.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.TextEncoder;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;

/** Encodes captions, one at a time, so that an encoding does not depend on what else is drawn. */
final class TextPhase {
  private final TextEncoder encoder;
  private final Backend backend;
  private final DType compute;

  TextPhase(TextEncoder encoder, Backend backend, DType compute) {
    this.encoder = encoder;
    this.backend = backend;
    this.compute = compute;
  }

  /** A graph for captions of one length. */
  private final class OneLength {
    final Value ids;
    final Value mask;
    final Value hidden;
    final PhaseGraph graph;

    OneLength(int length) {
      Graph traced = new Graph();
      ids = traced.input("ids", TensorType.i32(1, length));
      mask = traced.input("mask", TensorType.i32(1, length));
      hidden = Ops.cast(encoder.apply(ids, mask, compute), DType.F32); // [1, length, width]
      graph = new PhaseGraph(traced, backend, hidden);
    }
  }

  /** Bytes of the largest plan. */
  long planBytes(Collection<Caption> captions) {
    return byLength(captions).keySet().stream().mapToLong(length -> new OneLength(length).graph.planBytes()).max().orElse(0);
  }

  /** Encodes each caption once. */
  TextEncodings encode(Collection<Caption> captions, ParameterBinding weights) {
    TextEncodings encodings = new TextEncodings(encoder.width(), encoder.masksPadding());
    byLength(captions).forEach((length, group) -> {
      OneLength traced = new OneLength(length);
      try (Plan plan = traced.graph.plan(weights)) {
        for (Caption caption : group) {
          MemorySegment ids = plan.buffer(traced.ids).segment();
          MemorySegment mask = plan.buffer(traced.mask).segment();
          for (int i = 0; i < length; i++) {
            ids.setAtIndex(ValueLayout.JAVA_INT, i, caption.ids().get(i));
            mask.setAtIndex(ValueLayout.JAVA_INT, i, i < caption.numTokens() ? 1 : 0);
          }
          plan.run();
          encodings.put(caption, plan.buffer(traced.hidden).segment());
        }
      }
    });
    return encodings;
  }

  private static Map<Integer, List<Caption>> byLength(Collection<Caption> captions) {
    Map<Integer, List<Caption>> groups = new TreeMap<>();
    captions.stream().distinct().forEach(c -> groups.computeIfAbsent(c.length(), l -> new ArrayList<>()).add(c));
    return groups;
  }
}
