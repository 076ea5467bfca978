package kiln.launcher.generate;

import kiln.launcher.backend.Backends;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ComponentKind;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.folder.Networks;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.layer.ParameterScope;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.pipeline.DecodedRange;
import kiln.model.pipeline.DrawingSettings;
import kiln.model.pipeline.PixelDiffusionPipeline;
import kiln.model.pipeline.PixelJob;
import kiln.model.plan.Backend;

/** Draws with a network that works on pixels, without a text. */
final class PixelPainter implements AutoCloseable {
  private final DrawingOptions options;
  private final DrawingSettings settings;
  private final UNet2dModel unet;
  private final MappedNetwork weights;
  private final Backend backend;
  private PixelDiffusionPipeline pipeline; // null until the network is there

  /**
   * @throws kiln.bindings.UserException if a component is missing or damaged
   */
  PixelPainter(ModelFolder model, DrawingOptions options) {
    this.options = options;
    Component unetPart = model.require(DrawingModels.UNET, ComponentKind.UNET_2D);
    Component schedulerPart = model.require(DrawingModels.SCHEDULER, ComponentKind.SCHEDULER);
    SchedulerConfig scheduler = SchedulerConfig.read(schedulerPart.requireConfig());
    settings = options.unguidedSettings(scheduler);
    unet = new UNet2dModel(UNet2dConfig.read(unetPart.requireConfig()), new ParameterScope());
    weights = new MappedNetwork(unetPart, Networks.weightNames(unetPart.kind()), unet.parameters(), "", !options.lowMemory());
    backend = Backends.open(options.backend());
    boolean opened = false;
    try {
      pipeline = new PixelDiffusionPipeline(unet, scheduler, weights, backend, options.compute());
      opened = true;
    } finally {
      if (!opened) {
        close();
      }
    }
  }

  DrawingSettings settings() {
    return settings;
  }

  /** Height and width of the pictures that the network was trained on; 0 if nobody says. */
  int side() {
    return unet.config().sampleSize();
  }

  /**
   * Draws pictures; picture {@code i} has the noise of number {@code i}, however many there are.
   *
   * @param label null without classes
   * @throws kiln.bindings.UserException if the class is none of the network's
   */
  void draw(int count, Integer label, Canvas canvas, DrawingReport report, PictureSink sink) {
    ModelMemory memory = new ModelMemory(0, weights.bytes(), 0, options.lowMemory());
    PixelJob job = new PixelJob(count, label, canvas.height(), canvas.width(), settings, options.batch());
    try {
      DecodedRange range = pipeline.draw(job, new PaintListener(canvas, memory, report, sink));
      report.finished(range, Backends.peakMegabytes(backend));
    } finally {
      report.end();
    }
  }

  @Override
  public void close() {
    if (pipeline != null) {
      pipeline.close();
    }
    weights.close();
    backend.close();
  }
}
