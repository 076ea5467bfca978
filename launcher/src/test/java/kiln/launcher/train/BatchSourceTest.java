package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Schedule;
import kiln.launcher.TinyRuns;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.model.train.MicroBatch;
import org.junit.jupiter.api.Test;

/** 64 samples in blocks of 8, in batches of 32 that 8 ranks can share. */
class BatchSourceTest {
  private static final int STEPS = 5;

  private static Preset preset() {
    return PresetCatalog.get("tiny", List.of("batch=32", "micro_batch=4", "steps=" + STEPS));
  }

  /** The samples of every step from {@code from} to {@code to}, over all ranks in order. */
  private static List<List<Long>> steps(BatchReader reader, int ranks, boolean asWritten, long seed, long from, long to) {
    List<List<Long>> steps = new ArrayList<>();
    for (long step = from; step < to; step++) {
      steps.add(new ArrayList<>());
    }
    for (int rank = 0; rank < ranks; rank++) {
      Schedule schedule = Schedule.of(seed, reader, 32, asWritten);
      try (BatchSource source = new BatchSource(new PixelData(reader), schedule, preset(), rank, ranks)) {
        for (long step = from; step < to; step++) {
          List<MicroBatch> batches = source.take(step);
          assertEquals(8 / ranks, batches.size(), "all ranks have the same number of micro-batches");
          for (MicroBatch batch : batches) {
            for (long id : batch.sampleIds().toArray(ValueLayout.JAVA_LONG)) {
              steps.get((int) (step - from)).add(id);
            }
          }
        }
      }
    }
    return steps;
  }

  @Test
  void shouldGiveTheSameGlobalBatchesToAnyNumberOfRanks() {
    try (BatchReader reader = BatchReader.open(TinyRuns.data())) {
      for (boolean asWritten : new boolean[] {false, true}) {
        List<List<Long>> one = steps(reader, 1, asWritten, 3, 0, STEPS);
        for (int ranks : new int[] {2, 4, 8}) {
          assertEquals(one, steps(reader, ranks, asWritten, 3, 0, STEPS), "ranks=" + ranks);
        }
        List<Long> epoch = new ArrayList<>(one.get(0));
        epoch.addAll(one.get(1));
        assertEquals(64, new HashSet<>(epoch).size(), "an epoch has every sample");
        assertNotEquals(one, steps(reader, 1, asWritten, 4, 0, STEPS), "another seed");
      }
    }
  }

  @Test
  void shouldGoOnExactlyWhereItWasOnAnotherNumberOfRanks() {
    try (BatchReader reader = BatchReader.open(TinyRuns.data())) {
      List<List<Long>> whole = steps(reader, 2, true, 3, 0, STEPS);
      for (int step = 1; step < STEPS; step++) {
        List<List<Long>> parts = new ArrayList<>(steps(reader, 8, true, 3, 0, step));
        parts.addAll(steps(reader, 1, true, 3, step, STEPS));
        assertEquals(whole, parts, "interrupted at " + step);
      }
      Schedule schedule = Schedule.of(3, reader, 32, true);
      assertEquals(1, schedule.epoch(3));
      assertEquals(1, schedule.stepInEpoch(3));
    }
  }

  @Test
  void shouldTellSchedulesApart() {
    try (BatchReader reader = BatchReader.open(TinyRuns.data())) {
      long hash = Schedule.of(3, reader, 32, false).hash();
      assertEquals(hash, Schedule.of(3, reader, 32, false).hash());
      assertNotEquals(hash, Schedule.of(4, reader, 32, false).hash());
      assertNotEquals(hash, Schedule.of(3, reader, 16, false).hash());
      assertNotEquals(hash, Schedule.of(3, reader, 32, true).hash());
    }
  }

  /** What a step is handed are slices of the file's mapping. */
  @Test
  void shouldHandOutMappedMemory() {
    try (BatchReader reader = BatchReader.open(TinyRuns.data());
        BatchSource source = new BatchSource(new PixelData(reader), Schedule.of(3, reader, 32, false), preset(), 0, 1)) {
      for (MicroBatch batch : source.take(0)) {
        assertTrue(batch.pixels().isMapped() && batch.pixels().isReadOnly());
        assertTrue(batch.ids().isMapped() && batch.mask().isMapped() && batch.sampleIds().isMapped());
      }
    }
  }
}
