package kiln.launcher.train;

import kiln.launcher.preset.Preset;
import kiln.model.optim.AdamW;
import kiln.model.optim.LearningRate;

/** From a preset's settings to the objects that compute by them. */
final class Recipes {
  private Recipes() {}

  static AdamW optimizer(Preset preset) {
    Preset.OptimizerSettings o = preset.optimizer();
    return new AdamW(o.betas().getFirst(), o.betas().getLast(), o.epsilon(), o.weightDecay());
  }

  static LearningRate learningRate(Preset preset) {
    Preset.OptimizerSettings o = preset.optimizer();
    LearningRate.Schedule schedule =
        switch (o.schedule()) {
          case CONSTANT -> LearningRate.Schedule.CONSTANT_WITH_WARMUP;
          case LINEAR -> LearningRate.Schedule.LINEAR;
          case COSINE -> LearningRate.Schedule.COSINE;
        };
    return new LearningRate(schedule, o.learningRate(), o.warmupSteps(), preset.steps());
  }
}
