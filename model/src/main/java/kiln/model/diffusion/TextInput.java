package kiln.model.diffusion;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.TextEncoder;
import kiln.model.op.Ops;
import kiln.model.op.SelectRows;
import kiln.model.plan.Plan;
import kiln.model.train.BatchShape;
import kiln.model.train.EncodedSamples;
import kiln.model.train.MicroBatch;

/**
 * Where what the UNet is steered by comes from.
 *
 * <p>States are kept without padding, so they cannot be read where they lie: {@link Encoded#fill} copies each caption's rows to
 * their place in the plan, pads with zeros, which the mask hides, and puts the empty caption's state in the place of those that
 * are dropped. It is the only copy of a step: the bytes of the tokens that there are.
 */
sealed interface TextInput {
  /** [N, L, width], in the type that networks compute in. */
  Value states();

  /** int32 [N, L], 1 for tokens that count. */
  Value mask();

  /**
   * Binds or writes what the plan reads.
   *
   * @param keep for each sample, whether it sees its caption or the empty one
   */
  void fill(Plan plan, MicroBatch batch, boolean[] keep);

  static TextInput trace(Graph graph, BatchShape shape, TextEncoder encoder, boolean encoded, DType compute) {
    return encoded
        ? Encoded.trace(graph, MaskInput.trace(graph, shape), shape, encoder.width(), compute)
        : Ids.trace(graph, MaskInput.trace(graph, shape), shape, encoder, compute);
  }

  /**
   * Which tokens count.
   *
   * @param mask of the captions, int32 [N, L]
   * @param emptyCaption ids, and mask, of the empty caption, int32 [L]
   * @param keepCaption int32 [N], 1 or 0
   * @param used the mask with that of the empty caption in some rows
   */
  record MaskInput(Value mask, Value emptyCaption, Value keepCaption, Value used) {
    static MaskInput trace(Graph graph, BatchShape shape) {
      Value mask = graph.input("mask", TensorType.i32(shape.samples(), shape.captionLength()));
      Value emptyCaption = graph.input("empty caption", TensorType.i32(shape.captionLength()));
      Value keepCaption = graph.input("keep caption", TensorType.i32(shape.samples()));
      return new MaskInput(mask, emptyCaption, keepCaption, graph.apply(new SelectRows(), mask, emptyCaption, keepCaption));
    }

    void fill(Plan plan, MicroBatch batch, boolean[] keep) {
      plan.buffer(mask).bind(batch.mask());
      EmptyCaption.write(plan.buffer(emptyCaption).segment());
      MemorySegment kept = plan.buffer(keepCaption).segment();
      for (int n = 0; n < keep.length; n++) {
        kept.setAtIndex(ValueLayout.JAVA_INT, n, keep[n] ? 1 : 0);
      }
    }
  }

  /** From tokens, by the text encoder, which may be trained. */
  record Ids(MaskInput masks, Value ids, Value states) implements TextInput {
    static Ids trace(Graph graph, MaskInput masks, BatchShape shape, TextEncoder encoder, DType compute) {
      Value ids = graph.input("ids", TensorType.i32(shape.samples(), shape.captionLength()));
      Value used = graph.apply(new SelectRows(), ids, masks.emptyCaption, masks.keepCaption);
      return new Ids(masks, ids, encoder.apply(used, masks.used, compute));
    }

    @Override
    public Value mask() {
      return masks.used;
    }

    @Override
    public void fill(Plan plan, MicroBatch batch, boolean[] keep) {
      masks.fill(plan, batch, keep);
      plan.buffer(ids).bind(batch.ids());
    }
  }

  /** From what the text encoder has made of them before; it is not run. */
  record Encoded(MaskInput masks, Value encoded, Value states) implements TextInput {
    static Encoded trace(Graph graph, MaskInput masks, BatchShape shape, int width, DType compute) {
      TensorType type = new TensorType(DType.BF16, Shape.of(shape.samples(), shape.captionLength(), width));
      Value encoded = graph.input("text states", type);
      return new Encoded(masks, encoded, Ops.cast(encoded, compute));
    }

    @Override
    public Value mask() {
      return masks.used;
    }

    @Override
    public void fill(Plan plan, MicroBatch batch, boolean[] keep) {
      masks.fill(plan, batch, keep);
      EncodedSamples.Text text = batch.encoded().text();
      MemorySegment place = plan.buffer(encoded).segment();
      long rowBytes = text.empty().byteSize();
      long captionBytes = place.byteSize() / keep.length;
      for (int n = 0; n < keep.length; n++) {
        MemorySegment states = keep[n] ? rows(text, n, rowBytes) : text.empty();
        MemorySegment caption = place.asSlice(n * captionBytes, captionBytes);
        caption.copyFrom(states);
        caption.asSlice(states.byteSize()).fill((byte) 0);
      }
    }

    private static MemorySegment rows(EncodedSamples.Text text, int n, long rowBytes) {
      long from = text.offsets().getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, n);
      long to = text.offsets().getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, n + 1L);
      return text.states().asSlice(from * rowBytes, (to - from) * rowBytes);
    }
  }
}
