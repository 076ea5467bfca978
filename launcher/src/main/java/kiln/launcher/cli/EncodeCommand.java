package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.BackendKind;
import kiln.launcher.encode.EncodeRequest;
import kiln.launcher.encode.EncodeSupervisor;
import kiln.launcher.jvm.Relaunch;
import kiln.launcher.preset.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln data encode}. */
@Command(
    name = "encode",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Runs frozen networks over a data set once, so that training need not run them in every step.",
      "",
      "The new data set holds the autoencoder's latents (mean and log-variance) in the place of pictures and, with",
      "--text-encoder, the states of every caption's tokens, all in bfloat16. kiln train --data takes it like any other.",
      "If it is interrupted, the same command goes on with what is there."
    })
final class EncodeCommand implements Callable<Integer> {
  @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data set that kiln data made.")
  private Path data;

  @Option(
      names = "--vae",
      required = true,
      paramLabel = "DIR",
      description = "Run, checkpoint or folder with the trained autoencoder.")
  private Path vae;

  @Option(
      names = "--text-encoder",
      paramLabel = "DIR",
      description = {
        "Run, checkpoint or folder with the ByT5 encoder, if training leaves it as it is (train_text_encoder: false);",
        "captions are not encoded if not given."
      })
  private Path textEncoder;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "New or empty folder for the encoded data set.")
  private Path out;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = "Processes of this machine that share the work. If not given: with --backend cuda one per GPU, else 1.")
  private Integer ranks;

  @Mixin private PrecisionMixin precision;

  @Mixin private BackendMixin backend;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (ranks != null && (ranks < 1 || ranks > 999)) {
      throw new ParameterException(spec.commandLine(), "option --ranks: expected 1 to 999, found " + ranks);
    }
    BackendChoice wish = backend.choice();
    Precision wanted = precision.precision(Precision.FLOAT32);
    Relaunch.withModuleOptions();
    BackendChoice.Resolved resolved = wish.resolve();
    if (resolved.choice().kind() == BackendKind.CPU) {
      wanted = wanted.onThisProcessor(warning -> System.err.println("kiln: warning: " + warning));
    }
    int size = ranks == null ? Math.max(1, resolved.gpus()) : ranks;
    EncodeRequest request =
        new EncodeRequest(data, vae, textEncoder, out, size, wanted, resolved.choice(), Typed.command(spec));
    return new EncodeSupervisor(System.out, System.err).run(request);
  }
}
