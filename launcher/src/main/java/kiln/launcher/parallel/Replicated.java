package kiln.launcher.parallel;

import kiln.collectives.BucketStatistics;
import kiln.collectives.GradientBuckets;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.GlobalNorm;
import kiln.model.plan.ParameterTable;
import kiln.model.train.GradientSink;
import kiln.model.train.TrainingState;

/** Every rank keeps everything, averages all gradients and makes the same update. */
public final class Replicated implements DataParallel {
  private final TrainingState state;
  private final GradientBuckets buckets;

  /**
   * @param state must outlive this object
   */
  public Replicated(GradientLink link, TrainingState state) {
    this.state = state;
    ParameterTable table = state.table();
    long[] offsets = table.entries().stream().mapToLong(ParameterTable.Entry::offset).toArray();
    long[] bytes = table.entries().stream().mapToLong(ParameterTable.Entry::bytes).toArray();
    this.buckets = new GradientBuckets(link.communicator(), state.gradientRegion(), offsets, bytes, link.bucketBytes());
    buckets.overlap(link.overlaps());
  }

  @Override
  public ShardMode mode() {
    return ShardMode.NONE;
  }

  @Override
  public GradientSink begin() {
    buckets.reset();
    return buckets::ready;
  }

  @Override
  public void await() {
    buckets.await();
  }

  @Override
  public double gradientNorm() {
    return GlobalNorm.of(state.gradients());
  }

  @Override
  public void update(AdamW optimizer, Ema average, long step, double learningRate, double gradientScale) {
    optimizer.step(state.regions(), average, step, learningRate, gradientScale);
  }

  @Override
  public void listen(GradientBuckets.Listener hearer) {
    buckets.listen(hearer);
  }

  @Override
  public BucketStatistics statistics() {
    return buckets.statistics();
  }

  @Override
  public void close() {
    buckets.close();
  }
}
