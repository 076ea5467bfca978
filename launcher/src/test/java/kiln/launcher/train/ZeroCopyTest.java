package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Schedule;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.Backends;
import kiln.launcher.control.ControlOptions;
import kiln.launcher.guard.GuardOptions;
import kiln.launcher.parallel.GradientOptions;
import kiln.launcher.parallel.Sharding;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.model.diffusion.SampleContents;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Plan;
import kiln.model.train.BatchShape;
import kiln.model.train.GradientSink;
import kiln.model.train.MicroBatch;
import kiln.model.train.Objective;
import kiln.model.train.TrainingState;
import kiln.model.train.TrainingStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Counts the bytes that are copied on the way from the mapped record to where the kernels read: every input of the plan that holds
 * something of the record must be the record's own memory. Done with whole training steps on the CPU.
 */
class ZeroCopyTest {
  private static final int STEPS = 3;

  @TempDir Path folder;

  /** An objective that looks, whenever the inputs of a step have been set, at where they are. */
  private static final class Watched implements Objective {
    private final Objective objective;
    private final List<Long> copied = new ArrayList<>();
    private long inPlace;

    Watched(Objective objective) {
      this.objective = objective;
    }

    @Override
    public List<Parameter> trained() {
      return objective.trained();
    }

    @Override
    public List<ParameterBinding> frozen() {
      return objective.frozen();
    }

    @Override
    public DType compute() {
      return objective.compute();
    }

    @Override
    public Traced trace(Graph graph, BatchShape shape) {
      Traced traced = objective.trace(graph, shape);
      List<Value> values = List.copyOf(graph.values());
      return new Traced() {
        @Override
        public Value loss() {
          return traced.loss();
        }

        @Override
        public void fill(Plan plan, long step, MicroBatch batch) {
          traced.fill(plan, step, batch);
          long bytes = 0;
          for (MemorySegment part : List.of(batch.pixels(), batch.ids(), batch.mask())) {
            bytes += copied(plan, values, part);
          }
          copied.add(bytes);
        }
      };
    }

    /** 0 if the plan reads {@code part} where it is; its bytes if it reads something else that holds the same. */
    private long copied(Plan plan, List<Value> values, MemorySegment part) {
      for (Value value : values) {
        MemorySegment place = segment(plan, value);
        if (place != null && place.address() == part.address() && place.byteSize() == part.byteSize()) {
          inPlace += part.byteSize();
          return 0;
        }
      }
      return part.byteSize();
    }

    private static MemorySegment segment(Plan plan, Value value) {
      try {
        return plan.buffer(value).segment();
      } catch (RuntimeException e) {
        return null; // not part of the plan
      }
    }
  }

  private TrainJob job(Preset preset) {
    return new TrainJob(
        preset, TinyRuns.data(), DataOptions.STANDARD, folder, null, Map.of(),
        RunFiles.checkpoint(TinyRuns.vae(), 2).resolve("vae"), null, 0, SaveOptions.STANDARD, BackendChoice.CPU, null,
        GradientOptions.STANDARD, GuardOptions.STANDARD, Sharding.NONE, null, ControlOptions.DEFAULT, "resume");
  }

  @Test
  void shouldCopyNoByteOfARecordOnItsWayIntoThePlan() {
    Preset preset = PresetCatalog.get("tiny", List.of("batch=8", "micro_batch=4", "steps=" + STEPS));
    try (BatchReader reader = BatchReader.open(TinyRuns.data());
        BatchSource source = new BatchSource(new PixelData(reader), Schedule.of(1, reader, 8, false), preset, 0, 1);
        Workload workload = Workload.of(job(preset), 32, SampleContents.PIXELS);
        Backend backend = Backends.open(BackendChoice.CPU)) {
      Watched watched = new Watched(workload.training());
      try (TrainingState state = new TrainingState(watched.trained(), false, watched.compute())) {
        state.initialize(1);
        try (TrainingStep step = new TrainingStep(watched, state, backend)) {
          for (int i = 0; i < STEPS; i++) {
            List<MicroBatch> batches = source.take(i);
            batches.forEach(batch -> assertTrue(isOf(reader, batch), "a slice of a record"));
            assertTrue(Float.isFinite(step.run(batches, GradientSink.NONE)));
            state.advance(8);
          }
        }
      }
      assertEquals(2 * STEPS, watched.copied.size());
      assertEquals(0, watched.copied.stream().mapToLong(Long::longValue).sum(), "bytes copied: " + watched.copied);
      assertEquals(STEPS * 8L * (32 * 32 * 3 + 2 * 4 * 32), watched.inPlace, "bytes that were read where they are");
    }
  }

  private static boolean isOf(BatchReader reader, MicroBatch batch) {
    for (int b = 0; b < reader.numBlocks(); b++) {
      Block block = reader.block(b);
      long offset = batch.pixels().address() - block.pixels(0, block.count()).address();
      if (offset >= 0 && offset < block.pixels(0, block.count()).byteSize()) {
        return batch.pixels().isMapped() && batch.sampleIds().isMapped();
      }
    }
    return false;
  }
}
