package kiln.launcher.generate;

import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.folder.ComponentKind;
import kiln.launcher.folder.ModelFolder;

/** The models on disk that can be drawn with. */
final class DrawingModels {
  static final String UNET = "unet";
  static final String TEXT_ENCODER = "text_encoder";
  static final String VAE = "vae";
  static final String SCHEDULER = "scheduler";

  private DrawingModels() {}

  /**
   * @param given a pipeline folder, a checkpoint, or a run, whose newest checkpoint is taken
   * @param averaged whether to take moving averages for the weights where there are some
   * @throws UserException if it is nothing of that, or has no denoising network
   */
  static ModelFolder open(Path given, boolean averaged) {
    if (!Files.isDirectory(given)) {
      throw new UserException(
          "option --checkpoint: " + given + ": no such folder, expected a pipeline folder, a run or a checkpoint");
    }
    ModelFolder model = ModelFolder.open(given);
    if (model.find(UNET).isEmpty() && model.kind() == ModelFolder.Kind.CHECKPOINT) {
      String preset = TrainingRecord.read(model.path()).preset().name();
      throw new UserException("checkpoint " + model.path() + ": expected a diffusion model, found preset " + preset);
    }
    model.require(UNET, ComponentKind.UNET_2D_CONDITION, ComponentKind.UNET_2D);
    return averaged ? model.averaged() : model.raw();
  }

  /** Whether the model draws what a text says; else it draws by itself, or what a class says. */
  static boolean takesText(ModelFolder model) {
    return model.require(UNET).kind() == ComponentKind.UNET_2D_CONDITION;
  }

  /** As people call the model: the folder's name, with the step of a checkpoint in a run. */
  static String name(ModelFolder model) {
    Path path = model.path().toAbsolutePath().normalize();
    Path parent = path.getParent();
    boolean inRun = model.kind() == ModelFolder.Kind.CHECKPOINT && parent != null && parent.getParent() != null;
    return inRun ? parent.getParent().getFileName() + " " + path.getFileName() : String.valueOf(path.getFileName());
  }
}
