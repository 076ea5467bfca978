package kiln.model.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import kiln.model.Backends;
import kiln.model.diffusion.NoiseSchedule;
import kiln.model.diffusion.SamplerKind;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.DType;
import kiln.model.plan.Backend;
import kiln.model.train.BoundParameters;
import kiln.model.train.TinyModels;

/** A pipeline of {@link TinyModels} on the processor's kernels, and what to ask of it. */
final class TinyPipeline implements AutoCloseable {
  static final int SIDE = TinyModels.SIDE;
  static final int IMAGE_BYTES = SIDE * SIDE * 3;

  final TinyModels models = new TinyModels();
  final Backend backend = Backends.open("cpu");

  /** Weights that stay in memory and may change between drawings. */
  NetworkWeights trained() {
    return NetworkWeights.resident(new BoundParameters(models.state.table(), models.state.average()));
  }

  private LatentDiffusionPipeline.Weights weights() {
    return new LatentDiffusionPipeline.Weights(trained(), trained(), NetworkWeights.resident(models.vaeWeights));
  }

  LatentDiffusionPipeline pipeline() {
    return pipeline(weights());
  }

  LatentDiffusionPipeline pipeline(LatentDiffusionPipeline.Weights weights) {
    return pipeline(weights, DType.F32);
  }

  LatentDiffusionPipeline pipeline(DType compute) {
    return pipeline(weights(), compute);
  }

  private LatentDiffusionPipeline pipeline(LatentDiffusionPipeline.Weights weights, DType compute) {
    return pipeline(weights, compute, backend);
  }

  LatentDiffusionPipeline pipeline(LatentDiffusionPipeline.Weights weights, DType compute, Backend backend) {
    return new LatentDiffusionPipeline(
        models.textEncoder, models.unet, models.vae, SchedulerConfig.of(SamplerKind.DDIM, NoiseSchedule.STABLE_DIFFUSION),
        weights, backend, compute);
  }

  /** The bytes of a text, as ByT5 has them. */
  static Caption caption(String ascii, int length) {
    List<Integer> ids = new ArrayList<>(ascii.chars().mapToObj(c -> c + 3).toList());
    ids.add(1);
    int numTokens = ids.size();
    ids.addAll(Collections.nCopies(length - numTokens, 0));
    return new Caption(ids, numTokens);
  }

  /** Pictures of the letters from A on, the first of number {@code first}. */
  static List<Subject> letters(int first, int count) {
    Caption empty = caption("", TinyModels.CAPTION_LENGTH);
    return IntStream.range(first, first + count)
        .mapToObj(i -> new Subject(caption(Character.toString('A' + i), TinyModels.CAPTION_LENGTH), empty, i))
        .toList();
  }

  @Override
  public void close() {
    models.close();
    backend.close();
  }
}
