package kiln.launcher.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Optional;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.data.queue.Schedule;
import kiln.launcher.guard.ScheduleCheck;

/**
 * Where all ranks wait until the samples of a step are there, while their data set is still being made. They ask each other before
 * every step, so that all go on, or stop, at the same one. Once the data set is finished nobody asks any more.
 *
 * <pre>
 *   float32 | 1 if the step's samples are there | asked to stop | data set finished | its writer is gone | waited too long |
 * </pre>
 */
final class DataGate implements AutoCloseable {
  private static final int FIELDS = 5;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration GONE = Duration.ofSeconds(10);

  private final Communicator communicator;
  private final RunData data;
  private final Schedule schedule;
  private final Duration limit;
  private final Runnable whenFinished;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment fields = arena.allocate(ValueLayout.JAVA_FLOAT, FIELDS);
  private boolean settled;
  private String shortage; // null if there is none
  private long gone; // since when, as System.nanoTime; 0 if it is not

  /**
   * @param limit of waiting for one step
   * @param whenFinished called on all ranks before the same step, when the data set is finished
   */
  DataGate(Communicator communicator, RunData data, Schedule schedule, Duration limit, Runnable whenFinished) {
    this.communicator = communicator;
    this.data = data;
    this.schedule = schedule;
    this.limit = limit;
    this.whenFinished = whenFinished;
    this.settled = !data.follows();
  }

  /**
   * Collective: waits for the samples of a step.
   *
   * @param meanwhile collective: what is done whenever they are not there yet, such as completing a checkpoint
   * @return whether they are there; if not, the run is to be saved and to end
   */
  boolean await(long step, RankRole role, Runnable meanwhile) {
    if (settled) {
      return true;
    }
    long start = System.nanoTime();
    boolean told = false;
    while (true) {
      schedule.refresh();
      boolean late = System.nanoTime() - start > limit.toNanos();
      boolean there = schedule.has(step);
      exchange(there, role.stopRequested(), schedule.isComplete(), !there && isGone(), late);
      if (all(2)) {
        settled = true;
        data.settle();
        ScheduleCheck.run(communicator, schedule.hash(), data.blocks().folder());
        whenFinished.run();
        return true;
      }
      if (communicator.rank() == 0) {
        data.tellPosition(schedule, step, role::say);
      }
      if (all(0)) {
        return true;
      }
      if (any(1)) {
        return false;
      }
      if (any(3) || any(4)) {
        shortage = why(step, any(3));
        return false;
      }
      if (!told) {
        told = true;
        role.say("step " + (step + 1) + " waits for samples: " + data.blocks().numBlocks() + " blocks are there");
      }
      meanwhile.run();
      sleep();
    }
  }

  /** Why {@link #await} gave up, if it was not asked to. */
  Optional<String> shortage() {
    return Optional.ofNullable(shortage);
  }

  /** Whether nobody has been making the rest for some time; a writer may be started again, or another one. */
  private boolean isGone() {
    if (!data.writerIsGone()) {
      gone = 0;
      return false;
    }
    gone = gone == 0 ? System.nanoTime() : gone;
    return System.nanoTime() - gone > Math.min(GONE.toNanos(), limit.toNanos() / 2);
  }

  private String why(long step, boolean gone) {
    String what = data.blocks().folder() + ": " + data.blocks().numBlocks() + " blocks are there, too few for step " + (step + 1);
    return gone
        ? what + ", and nobody is making more: the preparation has ended before it was finished; run its command again"
        : what + ", and no more came within " + limit.toSeconds() + " s (option --data-timeout)";
  }

  private void exchange(boolean... flags) {
    for (int i = 0; i < FIELDS; i++) {
      fields.setAtIndex(ValueLayout.JAVA_FLOAT, i, flags[i] ? 1 : 0);
    }
    communicator.allReduce(fields, ElementType.F32, Reduction.SUM);
  }

  private boolean all(int field) {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, field) == communicator.size();
  }

  private boolean any(int field) {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, field) > 0;
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
