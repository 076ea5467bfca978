package kiln.launcher.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.Moments;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.train.BatchShape;
import kiln.model.train.BoundParameters;
import kiln.model.train.MicroBatch;

/**
 * Standard deviation of an autoencoder's latents over some samples, all channels together: the reciprocal of what diffusers
 * calls the scaling factor (Rombach et al. 2022, appendix G).
 */
final class LatentDeviation {
  private double sum;
  private double squares;
  private double variance;
  private long count;

  private LatentDeviation() {}

  static double measure(AutoencoderKl vae, BoundParameters weights, Backend backend, ValidationSet samples) {
    LatentDeviation deviation = new LatentDeviation();
    for (BatchShape shape : samples.shapes()) {
      deviation.add(vae, weights, backend, shape, samples);
    }
    double mean = deviation.sum / deviation.count;
    return Math.sqrt((deviation.squares + deviation.variance) / deviation.count - mean * mean);
  }

  private void add(AutoencoderKl vae, BoundParameters weights, Backend backend, BatchShape shape, ValidationSet samples) {
    Graph graph = new Graph();
    TensorType type = new TensorType(DType.U8, Shape.of(shape.samples(), shape.height(), shape.width(), 3));
    Value pixels = graph.input("pixels", type);
    Moments moments = vae.encode(Ops.affine(pixels, 1 / 127.5f, -1));
    PlanBuilder builder = new PlanBuilder(graph, backend).output(moments.mean()).output(moments.logvar());
    weights.bind(graph, builder);
    try (Plan plan = builder.build()) {
      for (MicroBatch batch : samples.microBatches()) {
        if (batch.shape().equals(shape)) {
          plan.buffer(pixels).bind(batch.pixels());
          plan.run();
          add(plan.buffer(moments.mean()).segment(), plan.buffer(moments.logvar()).segment());
        }
      }
    }
  }

  private void add(MemorySegment means, MemorySegment logvars) {
    long n = means.byteSize() / Float.BYTES;
    for (long i = 0; i < n; i++) {
      double mean = means.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      sum += mean;
      squares += mean * mean;
      variance += Math.exp(logvars.getAtIndex(ValueLayout.JAVA_FLOAT, i));
    }
    count += n;
  }
}
