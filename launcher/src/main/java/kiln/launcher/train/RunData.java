package kiln.launcher.train;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.queue.BlockTable;
import kiln.data.queue.GrowingBlocks;
import kiln.data.queue.ReaderPosition;
import kiln.data.queue.Schedule;
import kiln.data.queue.Split;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.preset.Preset;

/** What a rank has open of its data set, which may still be growing. */
final class RunData implements AutoCloseable {
  private final TrainJob job;
  private final TrainingData training;
  private final GrowingBlocks growing; // null if the run does not follow a preparation
  private final boolean asWritten;
  private boolean settled; // all ranks have the whole data set
  private TrainingData held; // null until then
  private boolean tells = true;
  private long toldBytes = -1;

  private RunData(TrainJob job, TrainingData training, GrowingBlocks growing, boolean asWritten) {
    this.job = job;
    this.training = training;
    this.growing = growing;
    this.asWritten = asWritten;
    this.settled = growing == null;
  }

  /**
   * @param saved of the checkpoint to go on from; null to begin
   * @throws kiln.bindings.UserException if the data cannot be used
   */
  static RunData open(TrainJob job, TrainingRecord.DataRecord saved) {
    boolean asWritten = saved == null ? job.reading().follow() : saved.inOrderOfWriting();
    RunData data;
    if (job.reading().follow() && asWritten) {
      GrowingBlocks growing = new GrowingBlocks(job.data());
      data = new RunData(job, new PixelData(growing), growing, true);
    } else {
      data = new RunData(job, TrainingData.open(job.data(), Split.TRAIN), null, asWritten);
    }
    try {
      data.openHeld();
      return data;
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
  }

  private void openHeld() {
    if (held == null && settled) {
      held = TrainingData.open(job.data(), Split.VALIDATION);
    }
  }

  /** Whether the data set may have been growing when the run began. */
  boolean follows() {
    return growing != null;
  }

  /** The data set is finished, on all ranks. */
  void settle() {
    settled = true;
  }

  /** Whether nobody is making the rest. */
  boolean writerIsGone() {
    return growing != null && !growing.isComplete() && growing.writerIsGone();
  }

  TrainingData training() {
    return training;
  }

  BlockTable blocks() {
    return training.blocks();
  }

  Schedule schedule(long seed, int globalBatch) {
    return growing == null
        ? Schedule.of(seed, blocks(), globalBatch, asWritten)
        : Schedule.following(seed, growing, globalBatch);
  }

  /** The buckets that samples come from, or may come from. */
  Set<Bucket> buckets() {
    if (growing == null) {
      return blocks().buckets();
    }
    Set<Bucket> all = new LinkedHashSet<>();
    BucketTable table = growing.preparation().buckets();
    for (BucketTable.Size size : table.sizes()) {
      table.captionLengths().forEach(length -> all.add(new Bucket(size.height(), size.width(), length)));
    }
    return all;
  }

  /** The validation set; empty while the data set is not finished. */
  ValidationSet held(Preset preset) {
    openHeld();
    return held == null ? new ValidationSet(List.of()) : ValidationSet.of(held, preset);
  }

  /** Some samples: the validation set, or the first training block while there is none. */
  ValidationSet some(Preset preset) {
    ValidationSet set = held(preset);
    return set.microBatches().isEmpty() ? ValidationSet.first(training, preset) : set;
  }

  /** Which data this is, as far as it is there. */
  TrainingRecord.DataRecord record() {
    TrainingRecord.DataRecord record = training.record(job.data());
    return new TrainingRecord.DataRecord(
        record.folder(), record.fingerprint(), record.samples(), asWritten ? true : null);
  }

  /** Tells whoever makes the data set how far it has been read. */
  void tellPosition(Schedule schedule, long step, Consumer<String> news) {
    if (growing == null || growing.isComplete() || !tells) {
      return;
    }
    long bytes = schedule.bytesRead(step);
    if (bytes == toldBytes) {
      return;
    }
    try {
      ReaderPosition.write(job.data(), bytes);
      toldBytes = bytes;
    } catch (IOException e) {
      tells = false;
      news.accept(job.data() + ": cannot be written, so its preparation is not told how far it has been read: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (held != null) {
      held.close();
    }
    training.close();
  }
}
