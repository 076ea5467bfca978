package kiln.launcher.train;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.data.Bucket;
import kiln.data.queue.Split;
import kiln.launcher.checkpoint.CheckpointReader;
import kiln.launcher.checkpoint.CheckpointWriter;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.control.ControlPlane;
import kiln.launcher.guard.LossSpikes;
import kiln.launcher.guard.NonFiniteGuard;
import kiln.launcher.guard.WeightCheck;
import kiln.launcher.parallel.DataParallel;
import kiln.launcher.parallel.GradientLink;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.Replicated;
import kiln.launcher.parallel.ShardLayout;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.parallel.Sharded;
import kiln.launcher.preset.Preset;
import kiln.launcher.profile.StepProfile;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.StopRequest;
import kiln.model.pass.Remat;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.train.BatchShape;
import kiln.model.train.Objective;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;
import kiln.model.train.TrainingStep;

/**
 * Everything that one rank has open while it trains. What can be wrong with data, autoencoder or checkpoint shows in {@link
 * #open}, before any rank waits for another.
 */
final class TrainingSession implements AutoCloseable {
  private final TrainJob job;
  private final RankEnvironment environment;
  private final TrainingData training;
  private final TrainingData held;
  private final Workload workload;
  private final ShardLayout layout;
  private final TrainingState state;
  private final TrainingRecord.DataRecord data;
  private final Backend backend;
  private double secondsBefore;
  private Remat remat;

  private TrainingSession(
      TrainJob job, RankEnvironment environment, TrainingData training, TrainingData held, Workload workload) {
    this.job = job;
    this.environment = environment;
    this.training = training;
    this.held = held;
    this.workload = workload;
    Objective objective = workload.training();
    ParameterTable table = new ParameterTable(objective.trained());
    this.layout = layout(job, table, environment);
    this.state = new TrainingState(table, job.preset().emaDecay() > 0, objective.compute(), layout.share());
    this.data = training.record(job.data());
    this.backend = job.backend().open();
  }

  private static ShardLayout layout(TrainJob job, ParameterTable table, RankEnvironment e) {
    int group = job.sharding().groupSize(e.rank(), e.size(), e.localRank(), e.localSize());
    long bytes = bucketBytes(job.gradients(), table);
    return ShardLayout.of(job.sharding().mode(), table, bytes, e.rank() % group, group);
  }

  /**
   * @throws UserException if data, autoencoder or checkpoint cannot be used
   */
  static TrainingSession open(TrainJob job, RankEnvironment environment) {
    TrainingData training = TrainingData.open(job.data(), Split.TRAIN);
    TrainingData held = TrainingData.open(job.data(), Split.VALIDATION);
    int captionLength = training.blocks().buckets().stream().mapToInt(Bucket::captionLength).max().orElseThrow();
    Workload workload = Workload.of(job, captionLength, training.contents());
    TrainingSession session = new TrainingSession(job, environment, training, held, workload);
    session.remat = session.remat();
    session.restore();
    return session;
  }

  /** What is computed once more: what the preset says, and more, with less in the state, if that does not fit the memory. */
  private Remat remat() {
    Preset preset = job.preset();
    if (job.memoryLimit() == null) {
      return preset.remat();
    }
    Set<BatchShape> shapes = new LinkedHashSet<>();
    for (Bucket bucket : training.blocks().buckets()) {
      shapes.add(PixelData.shape(bucket, preset.microBatch()));
    }
    ShardLayout most = new ShardLayout(layout.mode(), layout.buckets(), 0, layout.size());
    long copy = layout.mode().dividesWeights() ? 0 : state.narrowWeights().byteSize();
    long heap = (long) preset.memory() << 20;
    MemoryLimit limit = new MemoryLimit(workload, backend, most, state.table(), state.isAveraged(), copy, heap);
    Set<BatchShape> heldShapes = ValidationSet.of(held, preset).shapes();
    Consumer<String> news = environment.rank() == 0 ? System.out::println : line -> {};
    MemoryUse use = limit.choose(job.memoryLimit(), preset.remat(), shapes, numMicroBatches(), heldShapes, news);
    if (use.rounding()) {
      state.dropNarrowWeights();
    }
    return use.remat();
  }

  private void restore() {
    if (job.checkpoint() == null) {
      begin();
      return;
    }
    TrainingRecord record = TrainingRecord.read(job.checkpoint());
    DataFingerprint.check(job.checkpoint(), record.data(), data);
    CheckpointReader.checkSameRun(job.checkpoint(), record, job.preset(), job.seed());
    CheckpointReader.restore(job.checkpoint(), workload.networks(), state, record);
    secondsBefore = record.seconds();
  }

  private void begin() {
    if (job.initial().isEmpty()) {
      state.initialize(job.seed());
      return;
    }
    for (NetworkFiles network : workload.networks()) {
      network.read(
          job.initial().get(network.folder()), state.table(), state.weights(), state.kept(StatePart.WEIGHTS));
    }
    state.restart();
  }

  /** Trains to the end, or until a rank is asked to stop. */
  void train(Communicator communicator, ControlPlane control, StopRequest stop) {
    Preset preset = job.preset();
    BatchSource source = new BatchSource(training, preset, job.seed(), communicator.rank(), communicator.size());
    ValidationSet held = ValidationSet.of(this.held, preset);
    try (GradientLink link = GradientLink.open(communicator, gradientOptions(), state.gradients());
        DataParallel parallel = parallel(communicator, link);
        TrainingStep step = new TrainingStep(workload.training(), state, backend, remat, parallel.division());
        StepTotals totals = new StepTotals(communicator);
        WeightCheck check = weightCheck(communicator, parallel);
        Validation validation = new Validation(communicator, parallel, workload, state, backend, held);
        TrainingLog log = log()) {
      RankRole role =
          communicator.rank() > 0 ? new Follower(stop) : leader(stop, log, source, held, communicator.size());
      StepProfile profile =
          new StepProfile(job.profile(), communicator, step, parallel, state.step(), preset.steps());
      link.describe().ifPresent(role::say);
      NonFiniteGuard guard = new NonFiniteGuard(job.guards().maxSkipped());
      Trainer trainer =
          new Trainer(
              preset, communicator, state, step, parallel, totals, guard, check, source, validation, profile, role,
              new RankPace(control, preset.logEvery()));
      boolean wasComplete = state.step() >= preset.steps();
      boolean complete = trainer.run();
      if (log != null && wasComplete) {
        log.say("complete: all " + preset.steps() + " steps had been made before; nothing to do");
      }
      if (log != null && !complete) {
        log.say("stopped after step " + state.step() + " of " + preset.steps() + "; resume with: " + job.resumeCommand());
      }
    }
  }

  /** Where ranks divide something, buckets cannot wait for a network to be measured: they say who reads what. */
  private GradientOptions gradientOptions() {
    GradientOptions wanted = job.gradients();
    return layout.mode() == ShardMode.NONE
        ? wanted
        : new GradientOptions(bucketBytes(wanted, state.table()), wanted.wire(), wanted.overlaps());
  }

  private static long bucketBytes(GradientOptions wanted, ParameterTable table) {
    return wanted.bucketBytes() == null ? ShardLayout.bucketBytes(table) : wanted.bucketBytes();
  }

  private DataParallel parallel(Communicator communicator, GradientLink link) {
    return layout.mode() == ShardMode.NONE
        ? new Replicated(link, state)
        : new Sharded(communicator, link, layout, state, numMicroBatches());
  }

  /** Of a rank, per step. */
  private int numMicroBatches() {
    return job.preset().microBatches() / environment.size();
  }

  private TrainingLog log() {
    boolean first = environment.rank() == 0;
    return first
        ? new TrainingLog(
            job.preset(),
            new RunFolder(job.out()),
            System.out,
            environment.terminal(),
            state.step(),
            new LossSpikes(job.guards().spikeThreshold()))
        : null;
  }

  private Leader leader(StopRequest stop, TrainingLog log, BatchSource source, ValidationSet held, int ranks) {
    CheckpointWriter writer = new CheckpointWriter(new RunFolder(job.out()), job.keep());
    return new Leader(
        job, stop, log, writer, s -> workload.contents(s, backend, held), source::epoch, data, ranks, secondsBefore);
  }

  /** Of weights that are the same everywhere; those that ranks divide among themselves have nothing to be compared with. */
  private WeightCheck weightCheck(Communicator communicator, DataParallel parallel) {
    int every = parallel.mode() == ShardMode.PARAMETERS ? 0 : job.guards().checkEvery();
    return new WeightCheck(every, communicator, state.table(), state.weights());
  }

  @Override
  public void close() {
    state.close();
    workload.close();
    backend.close();
    training.close();
    held.close();
  }
}
