package kiln.launcher.parallel;

import java.io.IOException;
import kiln.collectives.BucketStatistics;
import kiln.collectives.Communicator;
import kiln.collectives.GradientBuckets;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Residency;
import kiln.model.train.GradientSink;
import kiln.model.train.StatePart;
import kiln.model.train.StepDivision;
import kiln.model.train.TrainingState;

/** Every rank keeps everything, averages all gradients and makes the same update. */
public final class Replicated implements DataParallel {
  private final Communicator communicator;
  private final TrainingState state;
  private final GradientBuckets buckets;
  private final long bucketBytes;

  /**
   * @param state must outlive this object
   */
  public Replicated(GradientLink link, TrainingState state) {
    this.communicator = link.communicator();
    this.state = state;
    ParameterTable table = state.table();
    long[] offsets = table.entries().stream().mapToLong(ParameterTable.Entry::offset).toArray();
    long[] bytes = table.entries().stream().mapToLong(ParameterTable.Entry::bytes).toArray();
    this.buckets = new GradientBuckets(link.communicator(), state.gradientRegion(), offsets, bytes, link.bucketBytes());
    buckets.overlap(link.overlaps());
    bucketBytes = link.bucketBytes();
  }

  @Override
  public ShardMode mode() {
    return ShardMode.NONE;
  }

  @Override
  public StepDivision division() {
    return new StepDivision(false, null, communicator.size() > 1 ? bucketBytes : Long.MAX_VALUE);
  }

  @Override
  public Residency residency(StatePart part) {
    return null;
  }

  @Override
  public <T> T whole(StatePart part, Action<T> action) throws IOException {
    return communicator.rank() == 0 ? action.run() : null;
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
    double norm = state.gradientNorm();
    communicator.check(); // a device has been waited for: now it is known whether its gradients are averages
    return norm;
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
