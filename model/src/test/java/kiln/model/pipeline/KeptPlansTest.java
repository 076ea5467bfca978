package kiln.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import kiln.model.diffusion.SamplerKind;
import kiln.model.graph.DType;
import kiln.model.op.Op;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.Scratch;
import kiln.model.plan.TensorMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a pipeline keeps from one drawing to the next, and what it gives back. */
class KeptPlansTest {
  private static final int SIDE = TinyPipeline.SIDE;
  private static final DrawingSettings SETTINGS = new DrawingSettings(SamplerKind.DDIM, 3, 3, 0, 11);

  private final TinyPipeline tiny = new TinyPipeline();
  private final Counted counted = new Counted(tiny.backend);

  @AfterEach
  void close() {
    tiny.close();
  }

  /** Counts launches: those that have been prepared, and those that have not been closed. */
  private static final class Counted implements Backend {
    private final Backend backend;
    private int prepared;
    private int open;

    Counted(Backend backend) {
      this.backend = backend;
    }

    @Override
    public String name() {
      return backend.name();
    }

    @Override
    public Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
      Launch launch = backend.prepare(op, inputs, outputs, scratch);
      prepared++;
      open++;
      return new Launch() {
        @Override
        public void run() {
          launch.run();
        }

        @Override
        public long keptBytes() {
          return launch.keptBytes();
        }

        @Override
        public void close() {
          launch.close();
          open--;
        }
      };
    }

    @Override
    public boolean mayOverwrite(Op op, int input) {
      return backend.mayOverwrite(op, input);
    }

    @Override
    public void close() {}
  }

  private static NetworkWeights fixed(NetworkWeights weights) {
    return new NetworkWeights() {
      @Override
      public ParameterBinding acquire() {
        return weights.acquire();
      }

      @Override
      public void release() {}

      @Override
      public boolean fixed() {
        return true;
      }
    };
  }

  private LatentDiffusionPipeline keeping(DType compute) {
    NetworkWeights vae = fixed(NetworkWeights.resident(tiny.models.vaeWeights));
    return tiny.pipeline(
        new LatentDiffusionPipeline.Weights(fixed(tiny.trained()), fixed(tiny.trained()), vae), compute, counted);
  }

  private static DrawingJob job(int first, int count, int side, StartImage start) {
    return new DrawingJob(TinyPipeline.letters(first, count), side, side, SETTINGS, DrawingJob.AUTOMATIC, start);
  }

  private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
    assertArrayEquals(expected.toArray(byte[][]::new), actual.toArray(byte[][]::new));
  }

  /** Jobs that share all shapes, some or none; larger ones after smaller ones, so that the region grows under kept plans. */
  @Test
  void shouldDrawTheSameBitsAgain() {
    float[] grey = new float[SIDE * SIDE * 3];
    Arrays.fill(grey, 0.25f);
    List<DrawingJob> jobs =
        List.of(
            job(0, 3, SIDE, null), job(0, 3, SIDE, null), job(4, 3, SIDE, null), job(1, 1, SIDE, null),
            job(1, 1, 3 * SIDE, null), job(0, 3, SIDE, null), job(0, 2, SIDE, new StartImage(grey, null, 0.7)));
    for (DType compute : List.of(DType.F32, DType.BF16)) {
      try (LatentDiffusionPipeline pipeline = keeping(compute)) {
        for (DrawingJob job : jobs) {
          assertSame(Drawn.by(tiny.pipeline(compute), job), Drawn.by(pipeline, job));
        }
      }
    }
  }

  @Test
  void shouldPrepareNothingForShapesThatItHasDrawnLast() {
    try (LatentDiffusionPipeline pipeline = keeping(DType.F32)) {
      List<byte[]> first = Drawn.by(pipeline, job(0, 2, SIDE, null));
      int prepared = counted.prepared;
      int open = counted.open;
      assertTrue(open > 0);
      assertFalse(Arrays.equals(first.getFirst(), Drawn.by(pipeline, job(5, 2, SIDE, null)).getFirst()));
      assertEquals(prepared, counted.prepared);
      Drawn.by(pipeline, job(0, 1, SIDE, null));
      assertTrue(counted.prepared > prepared);
      assertEquals(open, counted.open, "one plan for each phase");
    }
    assertEquals(0, counted.open);
  }

  /** After a job that stops halfway, the next one draws as if nothing had happened. */
  @Test
  void shouldDrawAfterAnotherDrawingHasStopped() {
    try (LatentDiffusionPipeline pipeline = keeping(DType.F32)) {
      List<byte[]> first = Drawn.by(pipeline, job(0, 2, SIDE, null));
      DrawingListener stopping =
          new DrawingListener() {
            @Override
            public void planned(PlanSizes sizes) {}

            @Override
            public void stepped(int done, int total) {
              throw new IllegalStateException("stop");
            }

            @Override
            public void drawn(int place, byte[] rgb) {}
          };
      try {
        pipeline.draw(job(3, 2, SIDE, null), stopping);
      } catch (IllegalStateException stopped) {
        assertEquals("stop", stopped.getMessage());
      }
      assertSame(first, Drawn.by(pipeline, job(0, 2, SIDE, null)));
    }
  }

  /** Weights that are not fixed may have changed, or gone: nothing that was made with them is used again. */
  @Test
  void shouldKeepNothingThatWeightsAreNotFixedFor() {
    LatentDiffusionPipeline.Weights weights =
        new LatentDiffusionPipeline.Weights(
            fixed(tiny.trained()), tiny.trained(), fixed(NetworkWeights.resident(tiny.models.vaeWeights)));
    try (LatentDiffusionPipeline pipeline = tiny.pipeline(weights, DType.F32, counted)) {
      List<byte[]> before = Drawn.by(pipeline, job(0, 2, SIDE, null));
      assertEquals(0, counted.open);
      MemorySegment average = tiny.models.state.average();
      average.copyFrom(MemorySegment.ofArray(new float[(int) (average.byteSize() / Float.BYTES)]));
      List<byte[]> after = Drawn.by(pipeline, job(0, 2, SIDE, null));
      assertFalse(Arrays.equals(before.getFirst(), after.getFirst()), "drawn with weights that have changed");
      assertEquals(0, counted.open);
    }
  }

  @Test
  void shouldGiveTheRegionBackAndGrowIt() {
    SharedRegion region = new SharedRegion(TensorMemory.HOST);
    region.reserve(100);
    MemorySegment small = region.segment();
    assertEquals(100, small.byteSize());
    assertTrue(region.holds(100) && !region.holds(101));
    region.reserve(50);
    assertEquals(small, region.segment());
    region.reserve(5000);
    assertFalse(small.scope().isAlive());
    MemorySegment large = region.segment();
    assertEquals(5000, large.byteSize());
    assertNotEquals(small, large);
    region.close();
    assertFalse(large.scope().isAlive());
    assertEquals(5000, region.segment().byteSize());
    region.close();
  }
}
