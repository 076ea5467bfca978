package kiln.model.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kiln.model.diffusion.DiffusionObjective;
import kiln.model.diffusion.DiffusionSettings;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.graph.DType;
import kiln.model.layer.ParameterScope;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.plan.ParameterTable;
import kiln.model.random.Philox;
import kiln.model.random.Stream;

/** The three networks of a latent diffusion model, as small as they get, on 16×16 images and captions of 8 bytes. */
public final class TinyModels implements AutoCloseable {
  public static final int SIDE = 16;
  public static final int CAPTION_LENGTH = 8;
  private static final long SEED = 5;

  public final UNet2dConditionModel unet;
  public final T5Encoder textEncoder;
  public final AutoencoderKl vae;
  public final TrainingState state;
  public final BoundParameters vaeWeights;
  private final Arena arena = Arena.ofShared();

  public TinyModels() {
    ParameterScope root = new ParameterScope();
    unet =
        new UNet2dConditionModel(
            new UNet2dConditionConfig(
                8, 4, 4, List.of(8, 16), List.of("CrossAttnDownBlock2D", "DownBlock2D"), "UNetMidBlock2DCrossAttn",
                List.of("UpBlock2D", "CrossAttnUpBlock2D"), List.of(1, 1), List.of(2, 2), List.of(16, 16), List.of(1, 1), 4,
                1e-5, 1, true, true, 0, 32, 3, 3),
            root.child("unet"));
    textEncoder = new T5Encoder(new T5Config(384, 16, 8, 32, 1, 2, 8, 16, 1e-6, 1), root.child("text_encoder"));
    vae =
        new AutoencoderKl(
            new AutoencoderKlConfig(SIDE, 3, 3, 4, List.of(8, 8), 1, 4, 0.5, true, true, true), root.child("vae"));
    state = new TrainingState(DiffusionObjective.jointly(unet, textEncoder));
    state.initialize(SEED);
    ParameterTable vaeTable = new ParameterTable(vae.parameters());
    vaeWeights = new BoundParameters(vaeTable, arena.allocate(vaeTable.bytes(), 64));
    ParameterInitializer.initialize(vaeTable, vaeWeights.values(), SEED);
  }

  public DiffusionObjective objective(NoiseSchedule schedule, float captionDropout) {
    return objective(schedule, captionDropout, DType.F32);
  }

  public DiffusionObjective objective(NoiseSchedule schedule, float captionDropout, DType compute) {
    return new DiffusionObjective(
        unet, textEncoder, vae, state.table().entries().stream().map(e -> e.parameter()).toList(), List.of(vaeWeights),
        new DiffusionSettings(schedule, 5, captionDropout, SEED), compute);
  }

  /** Samples {@code first} to {@code first + count − 1} of an endless made-up data set. */
  public MicroBatch batch(int first, int count) {
    MemorySegment pixels = arena.allocate((long) count * SIDE * SIDE * 3, 64);
    MemorySegment ids = arena.allocate((long) count * CAPTION_LENGTH * Integer.BYTES, 64);
    MemorySegment mask = arena.allocate(ids.byteSize(), 64);
    MemorySegment sampleIds = arena.allocate((long) count * Long.BYTES, 64);
    int perImage = SIDE * SIDE * 3;
    for (int n = 0; n < count; n++) {
      long sample = first + n;
      sampleIds.setAtIndex(ValueLayout.JAVA_LONG, n, sample);
      for (int i = 0; i < perImage; i++) {
        byte value = (byte) Philox.uniformInt(256, SEED, Stream.DRAWING, 1, sample, i / 24);
        pixels.set(ValueLayout.JAVA_BYTE, (long) n * perImage + i, value);
      }
      int length = 3 + (int) (sample % 5);
      for (int i = 0; i < length; i++) {
        int id = i == length - 1 ? 1 : 3 + Philox.uniformInt(256, SEED, Stream.DRAWING, 2, sample, i);
        ids.setAtIndex(ValueLayout.JAVA_INT, (long) n * CAPTION_LENGTH + i, id);
        mask.setAtIndex(ValueLayout.JAVA_INT, (long) n * CAPTION_LENGTH + i, 1);
      }
    }
    return new MicroBatch(new BatchShape(count, SIDE, SIDE, CAPTION_LENGTH), pixels, ids, mask, sampleIds);
  }

  @Override
  public void close() {
    state.close();
    arena.close();
  }
}
