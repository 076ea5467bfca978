package kiln.launcher.train;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.bindings.cuda.DeviceOutOfMemoryException;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.Communicator;
import kiln.data.Bucket;
import kiln.data.queue.Preparation;
import kiln.data.queue.Schedule;
import kiln.data.queue.ScheduleHash;
import kiln.launcher.backend.Backends;
import kiln.launcher.checkpoint.CheckpointReader;
import kiln.launcher.checkpoint.CheckpointSaver;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.control.ControlPlane;
import kiln.launcher.guard.LossSpikes;
import kiln.launcher.guard.NonFiniteGuard;
import kiln.launcher.guard.ScheduleCheck;
import kiln.launcher.guard.WeightCheck;
import kiln.launcher.parallel.DataParallel;
import kiln.launcher.parallel.GradientLink;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.Replicated;
import kiln.launcher.parallel.ShardLayout;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.parallel.ShardPlan;
import kiln.launcher.parallel.Sharded;
import kiln.launcher.preset.Preset;
import kiln.launcher.profile.StepProfile;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.StopRequest;
import kiln.model.backend.cuda.CudaBackend;
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
  private final RunData data;
  private final Workload workload;
  private final ShardLayout layout;
  private final TrainingState state;
  private final MemoryRoom room; // null for any number of bytes
  private final Backend backend;
  private TrainingRecord saved; // null to begin
  private Remat remat;
  private MemoryUse use; // null if there is room for any

  private TrainingSession(TrainJob job, RankEnvironment environment, RunData data, Workload workload) {
    this.job = job;
    this.environment = environment;
    this.data = data;
    this.workload = workload;
    Objective objective = workload.training();
    ParameterTable table = new ParameterTable(objective.trained());
    this.layout = layout(job, table, environment);
    long heap = (long) job.preset().memory() << 20;
    this.room = MemoryRoom.of(job.backend(), job.memoryLimit(), heap, environment);
    this.backend = Backends.open(job.backend(), environment.placeOnMachine());
    this.state =
        new TrainingState(table, job.preset().emaDecay() > 0, objective.compute(), layout.share(), backend);
  }

  private static ShardLayout layout(TrainJob job, ParameterTable table, RankEnvironment e) {
    int group = job.sharding().groupSize(e.rank(), e.size(), e.localRank(), e.localSize());
    long bytes = bucketBytes(job.gradients(), table);
    return ShardLayout.of(job.sharding().mode(), table, bytes, e.rank() % group, group);
  }

  /**
   * @throws UserException if data, autoencoder or checkpoint cannot be used, or the GPU has no room for the weights
   */
  static TrainingSession open(TrainJob job, RankEnvironment environment) {
    try {
      return openOnDevice(job, environment);
    } catch (DeviceOutOfMemoryException e) {
      throw outOfMemory(e, null);
    }
  }

  /** In one line, with the plan's numbers if there are some. */
  static UserException outOfMemory(DeviceOutOfMemoryException e, MemoryUse planned) {
    String plan = planned == null ? "" : "; planned with " + planned.means() + ": " + planned.describe();
    return new UserException(
        "out of memory on the GPU: " + e.getMessage() + plan + "; a smaller micro_batch or --remat blocks needs less", e);
  }

  private static TrainingSession openOnDevice(TrainJob job, RankEnvironment environment) {
    TrainingRecord saved = job.checkpoint() == null ? null : TrainingRecord.read(job.checkpoint());
    RunData data = RunData.open(job, saved == null ? null : saved.data());
    int captionLength = data.buckets().stream().mapToInt(Bucket::captionLength).max().orElseThrow();
    Workload workload = Workload.of(job, captionLength, data.training().contents());
    TrainingSession session = new TrainingSession(job, environment, data, workload);
    session.saved = saved;
    session.remat = session.remat();
    session.restore();
    return session;
  }

  /** What is computed once more: what the preset says, and more, with less in the state, if that does not fit the memory. */
  private Remat remat() {
    Preset preset = job.preset();
    if (room == null) {
      return preset.remat();
    }
    Set<BatchShape> shapes = new LinkedHashSet<>();
    for (Bucket bucket : data.buckets()) {
      shapes.add(PixelData.shape(bucket, preset.microBatch()));
    }
    ShardLayout most = new ShardLayout(layout.mode(), layout.buckets(), 0, layout.size());
    long copy = layout.mode().dividesWeights() ? 0 : state.narrowWeights().byteSize();
    MemoryLimit limit = new MemoryLimit(workload, backend, most, state.table(), state.isAveraged(), copy, room);
    Set<BatchShape> heldShapes = data.follows() ? shapes : data.held(preset).shapes();
    Consumer<String> news = environment.rank() == 0 ? System.out::println : line -> {};
    use = limit.choose(preset.remat(), shapes, numMicroBatches(), heldShapes, news);
    if (use.rounding()) {
      state.dropNarrowWeights();
    }
    return use.remat();
  }

  private void restore() {
    if (saved == null) {
      begin();
      return;
    }
    DataFingerprint.check(job.checkpoint(), saved.data(), data);
    CheckpointReader.checkSameRun(job.checkpoint(), saved, job.preset(), job.seed());
    CheckpointReader.restore(job.checkpoint(), workload.networks(), state, saved);
  }

  private void begin() {
    if (job.initial().isEmpty()) {
      state.initialize(job.seed());
      return;
    }
    state.write(
        StatePart.WEIGHTS,
        weights -> {
          for (NetworkFiles network : workload.networks()) {
            network.read(job.initial().get(network.folder()), state.table(), weights, state.kept(StatePart.WEIGHTS));
          }
        });
    state.restart();
  }

  /** Where this rank's device computes; null if that is the processor. */
  DeviceQueue queue() {
    return backend instanceof CudaBackend cuda ? cuda.queue() : null;
  }

  /**
   * Trains to the end, or until a rank is asked to stop.
   *
   * @return whether the run is complete
   * @throws UserException if the samples that are left do not come; what was trained is saved then. If a GPU has no room for what is
   *     planned
   */
  boolean train(Communicator communicator, ControlPlane control, StopRequest stop) {
    try {
      return trainOnDevice(communicator, control, stop);
    } catch (DeviceOutOfMemoryException e) {
      throw outOfMemory(e, use);
    }
  }

  private boolean trainOnDevice(Communicator communicator, ControlPlane control, StopRequest stop) {
    Preset preset = job.preset();
    Schedule schedule = data.schedule(job.seed(), preset.batch());
    ScheduleCheck.run(communicator, data.follows() ? followedHash() : schedule.hash(), job.data());
    checkPosition(schedule);
    try (BatchSource source = new BatchSource(data.training(), schedule, preset, communicator.rank(), communicator.size());
        GradientLink link = GradientLink.open(communicator, gradientOptions(), state.gradients(), queue());
        DataParallel parallel = parallel(communicator, link);
        TrainingStep step = new TrainingStep(workload.training(), state, backend, remat, parallel.division());
        StepTotals totals = new StepTotals(communicator);
        WeightCheck check = weightCheck(communicator, parallel);
        Validation validation = new Validation(communicator, parallel, workload, state, backend, data.held(preset));
        DataGate gate =
            new DataGate(
                communicator, data, schedule, job.reading().patience(), () -> validation.use(data.held(preset)));
        TrainingLog log = log()) {
      RankRole role =
          communicator.rank() > 0 ? new Follower(stop) : leader(stop, log, schedule, communicator.size());
      if (job.reading().stage() != null) {
        source.stage(job.reading().stage(), state.step());
      }
      tellSmallBuckets(schedule, role);
      StepProfile profile =
          new StepProfile(job.profile(), communicator, step, parallel, state.step(), preset.steps());
      link.describe().ifPresent(role::say);
      NonFiniteGuard guard = new NonFiniteGuard(job.guards().maxSkipped());
      boolean wasComplete = state.step() >= preset.steps();
      boolean complete;
      try (Saving saving = saving(communicator, totals, schedule, role)) {
        Trainer trainer =
            new Trainer(
                preset, communicator, state, step, parallel, totals, guard, check, source, gate, validation, profile, saving,
                role, new RankPace(control, preset.logEvery()), () -> Backends.peakMegabytes(backend));
        complete = trainer.run();
      }
      if (source.staged() != null) {
        role.say(source.staged().describe());
      }
      if (log != null && wasComplete && complete) {
        log.say("complete: all " + preset.steps() + " steps had been made before");
      }
      if (log != null && !complete) {
        log.say("stopped after step " + state.step() + " of " + preset.steps() + "; resume with: " + job.resumeCommand());
      }
      gate.shortage().ifPresent(line -> {
        throw new UserException(line);
      });
      return complete;
    }
  }

  /** Of a data set that may be growing while ranks begin: what is the same whenever one looks. */
  private long followedHash() {
    Preparation preparation = Preparation.read(job.data()).orElseThrow();
    return ScheduleHash.of(job.seed(), job.preset().batch(), preparation);
  }

  /** The four numbers of the checkpoint must say the same as the order that the run goes on with. */
  private void checkPosition(Schedule schedule) {
    if (saved == null || saved.stepInEpoch() == null) {
      return;
    }
    long epoch = schedule.epoch(state.step());
    long step = schedule.stepInEpoch(state.step());
    boolean ended = saved.epoch() == epoch - 1 && step == 0; // the data set has been finished since, right here
    boolean began = saved.epoch() == epoch && saved.stepInEpoch() == step;
    if (!began && !(saved.data().inOrderOfWriting() && ended)) {
      throw new UserException(
          "checkpoint " + job.checkpoint() + ": step " + state.step() + " was step " + saved.stepInEpoch() + " of epoch "
              + saved.epoch() + ", found step " + step + " of epoch " + epoch);
    }
  }

  private static void tellSmallBuckets(Schedule schedule, RankRole role) {
    if (schedule.smallBuckets() > 0) {
      role.say(schedule.smallBuckets() + " buckets have fewer samples than a batch: theirs are repeated");
    }
  }

  /** Where ranks divide something, buckets cannot wait for a network to be measured: they say who reads what. */
  private GradientOptions gradientOptions() {
    GradientOptions wanted = job.gradients();
    return layout.mode() == ShardMode.NONE
        ? wanted
        : wanted.withBucketBytes(bucketBytes(wanted, state.table()));
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

  private Saving saving(Communicator communicator, StepTotals totals, Schedule schedule, RankRole role) {
    ShardPlan plan = new ShardPlan(state.table(), layout, communicator.size());
    SaveOptions options = job.saving();
    SaveInterval interval = options.every() == null ? SaveInterval.steps(job.preset().saveEvery()) : options.every();
    long copy = plan.mostBytes(state.isAveraged());
    boolean limited = room != null && !room.onDevice(); // a checkpoint's copy is in this machine's memory
    CopyMemory memory = new CopyMemory(limited ? room.bytes() : null, limited ? use.total() : 0, environment);
    boolean beside = memory.allows(options.beside(), copy, role::say);
    CheckpointSaver saver =
        new CheckpointSaver(
            new RunFolder(job.out()), plan, communicator.rank(), workload.networks(), workload.frozen(), state.isAveraged(),
            options.keep(), beside);
    boolean hasClock = communicator.rank() == 0;
    return new Saving(interval, schedule, saver, totals, role, hasClock, workload.measuresAverage());
  }

  private Leader leader(StopRequest stop, TrainingLog log, Schedule schedule, int ranks) {
    Leader.Contents contents = (s, record) -> workload.completion(s, record, backend, data.some(job.preset()));
    return new Leader(
        job, stop, log, contents, schedule, data::record, ranks, saved == null ? 0 : saved.seconds());
  }

  /** Of weights that are the same everywhere; those that ranks divide among themselves have nothing to be compared with. */
  private WeightCheck weightCheck(Communicator communicator, DataParallel parallel) {
    int every = parallel.mode() == ShardMode.PARAMETERS ? 0 : job.guards().checkEvery();
    return new WeightCheck(every, communicator, state.table(), state.memory(), state.weights());
  }

  @Override
  public void close() {
    state.close();
    workload.close();
    backend.close();
    data.close();
  }
}
