package kiln.launcher.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Supplier;
import kiln.bindings.UserException;
import kiln.launcher.parallel.ShardPlan;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;

/**
 * One rank's side of saving: it copies what it writes and training goes on, while a thread of its own writes the copy. All ranks do
 * the same at the same step; when they have agreed that all have written, rank 0 completes the checkpoint.
 *
 * <pre>
 *            begin                    advance: nobody is busy        advance: nobody is busy
 *   idle ────────────▶ shards ──────────────────────▶ completion ──────────────────────▶ idle
 *            copies              all ranks write               rank 0: manifest, latest, prune
 * </pre>
 *
 * <p>One thread only calls this. It never has two checkpoints under way.
 */
public final class CheckpointSaver implements AutoCloseable {
  private enum Phase {
    IDLE,
    SHARDS,
    COMPLETION
  }

  private static final double NANO = 1e-9;

  private final CheckpointShards shards;
  private final CheckpointCompletion completer;
  private final RunFolder run;
  private final int rank;
  private final Supplier<StagedState> copies;
  private final StagedState staged; // null if nothing is copied: then training waits for the disk
  private Phase phase = Phase.IDLE;
  private FutureTask<?> task; // of this phase; null if this rank has nothing to do in it
  private Path folder;
  private Completion completion;
  private long began;
  private SavedCheckpoint saved; // not yet told

  /**
   * @param plan which rank writes what
   * @param networks that are trained
   * @param frozen networks that every checkpoint takes along
   * @param averaged whether there is a moving average
   * @param beside whether what is written is copied first, so that training goes on beside
   */
  public CheckpointSaver(
      RunFolder run,
      ShardPlan plan,
      int rank,
      List<NetworkFiles> networks,
      List<FrozenNetwork> frozen,
      boolean averaged,
      Retention retention,
      boolean beside) {
    this.run = run;
    this.rank = rank;
    this.shards = new CheckpointShards(plan, rank, networks, frozen, averaged);
    this.completer = new CheckpointCompletion(run, shards, retention);
    this.copies = () -> new StagedState(plan, rank, shards.parts());
    this.staged = beside ? copies.get() : null;
    if (beside) {
      staged.touch();
    }
  }

  /** Whether nothing is under way. */
  public boolean isIdle() {
    return phase == Phase.IDLE;
  }

  /** Whether this rank still works on the checkpoint that is under way. */
  public boolean isBusy() {
    return task != null && !task.isDone();
  }

  /**
   * Begins a checkpoint; returns when training may change the state again.
   *
   * @param completion on rank 0; null on others
   * @throws UserException if it cannot be written and nothing is written beside training
   */
  public void begin(TrainingState state, Completion completion) {
    if (phase != Phase.IDLE) {
      throw new IllegalStateException("a checkpoint is under way: " + folder);
    }
    this.began = System.nanoTime();
    this.folder = run.checkpoint(state.step());
    this.completion = completion;
    this.phase = Phase.SHARDS;
    if (staged != null) {
      staged.copy(state);
      write(staged::segment);
    } else if (state.memory().isHost()) {
      write(part -> state.region(part).segment());
      join();
    } else {
      try (StagedState copy = copies.get()) { // files are written from the memory of this process
        copy.copy(state);
        write(copy::segment);
        join();
      }
    }
  }

  private void write(Function<StatePart, MemorySegment> source) {
    Path target = folder;
    start(() -> {
      shards.write(target, source);
      return null;
    });
  }

  /**
   * Goes on to what comes next, if all ranks are done with what they were doing. All ranks call it with the same answer.
   *
   * @param anybodyBusy whether some rank said {@link #isBusy}
   * @throws UserException if this rank could not do its part: nothing of this checkpoint stays then, and all earlier ones do
   */
  public void advance(boolean anybodyBusy) {
    if (task != null && task.isDone()) {
      join(); // throws what went wrong
    }
    if (anybodyBusy || phase == Phase.IDLE) {
      return;
    }
    task = null;
    if (phase == Phase.SHARDS) {
      phase = Phase.COMPLETION;
      if (rank == 0) {
        start(() -> {
          long bytes = completer.complete(folder, completion);
          saved = new SavedCheckpoint(folder, bytes, (System.nanoTime() - began) * NANO);
          return null;
        });
      }
    } else {
      phase = Phase.IDLE;
    }
  }

  /** On rank 0: the checkpoint that has become complete since this was last asked. */
  public Optional<SavedCheckpoint> takeSaved() {
    if (phase != Phase.IDLE || saved == null) {
      return Optional.empty();
    }
    SavedCheckpoint taken = saved;
    saved = null;
    return Optional.of(taken);
  }

  private void start(Callable<Void> work) {
    task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().name("checkpoint").start(task);
  }

  private void join() {
    try {
      task.get();
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private RuntimeException failure(Throwable cause) {
    boolean complete = RunFolder.isComplete(folder); // then only what follows failed: it stays, it may be the only one by now
    try {
      if (!complete) {
        DurableFiles.deleteTree(folder);
      }
    } catch (IOException | UncheckedIOException e) {
      cause.addSuppressed(e); // other ranks may still write there: the supervisor or the next run removes it
    }
    boolean ofFiles = cause instanceof IOException || cause instanceof UncheckedIOException || cause instanceof UserException;
    if (!ofFiles) {
      return new IllegalStateException("checkpoint " + folder, cause);
    }
    String reason = DurableFiles.reason(cause.getCause() instanceof IOException io ? io : cause);
    if (complete) {
      return new UserException("checkpoint " + folder + " is complete, but what follows it failed (" + reason + ")", cause);
    }
    String last = run.latest().map(path -> "the last one is " + path).orElse("there is no earlier one");
    return new UserException("checkpoint " + folder + " cannot be saved (" + reason + "); " + last, cause);
  }

  /** Waits for what this rank is writing, so that no memory goes away under it. */
  @Override
  public void close() {
    if (isBusy()) {
      try {
        task.get();
      } catch (ExecutionException e) {
        // Whoever closes before the end has another failure to tell.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (staged != null) {
      staged.close();
    }
  }
}
