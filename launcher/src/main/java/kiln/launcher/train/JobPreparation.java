package kiln.launcher.train;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.data.queue.Manifest;
import kiln.data.queue.Preparation;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.BackendKind;
import kiln.launcher.checkpoint.CheckpointChoice;
import kiln.launcher.checkpoint.CheckpointLayout;
import kiln.launcher.checkpoint.CheckpointReader;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.RunLock;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.folder.ComponentKind;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.parallel.ShardMode;
import kiln.launcher.preset.Precision;
import kiln.launcher.preset.Preset;
import kiln.launcher.transfer.GivenModel;
import kiln.launcher.transfer.NetworkConfigs;

/**
 * Makes of a request what every rank is told to do, and refuses what cannot work. Until it is closed, or the process ends, no other
 * job can train into the run's folder.
 */
final class JobPreparation implements AutoCloseable {
  private final PrintStream out;
  private final PrintStream err;
  private RunLock lock; // null until there is a folder to lock

  JobPreparation(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Also makes the run's folder, last.
   *
   * @throws UserException if the request cannot work: nothing has been changed then
   */
  TrainJob prepare(TrainRequest request) {
    Preset wanted = request.preset();
    checkRanks(request);
    checkData(request);
    checkSharding(request, request.backend().kind());
    BackendChoice.Resolved backend = request.backend().resolve();
    checkSharding(request, backend.choice().kind());
    EncodedModels encoded = EncodedModels.of(request.data(), wanted).orElse(null);
    Path checkpoint = checkpoint(request).orElse(null);
    Preset preset = backend.choice().kind() == BackendKind.CPU ? wanted.with(precision(wanted)) : wanted;
    NetworkConfigs.checkWidths(preset);
    boolean begins = checkpoint == null && request.init() != null; // a checkpoint has all that a run goes on with
    InitialModel init = begins ? new InitialModel(request.init(), preset) : null;
    Map<String, Path> initial = new LinkedHashMap<>(begins ? init.networks() : Map.of());
    Path vae = vae(request, checkpoint, init, encoded);
    Path textEncoder = textEncoder(preset, checkpoint, initial, encoded);
    if (!initial.isEmpty()) {
      init.noiseDifferences().forEach(out::println);
    }
    announce(request, backend);
    RunFolder run = RunFolder.create(request.out());
    lock = lock == null ? RunLock.take(run) : lock; // ranks that are started again go on with it
    run.removeIncomplete();
    run.putAsideAfter(checkpoint == null ? 0 : RunFolder.step(checkpoint));
    return new TrainJob(
        preset,
        request.data(),
        request.reading(),
        request.out(),
        checkpoint,
        initial,
        vae,
        textEncoder,
        request.seed(),
        request.saving(),
        backend.choice(),
        request.memoryLimit(),
        request.gradients(),
        request.guards(),
        request.sharding(),
        request.profile(),
        request.control(),
        request.resumeCommand());
  }

  private Precision precision(Preset preset) {
    return preset.precision().onThisProcessor(warning -> err.println("kiln: warning: " + warning));
  }

  private static void checkSharding(TrainRequest request, BackendKind backend) {
    if (backend == BackendKind.CUDA && request.sharding().mode() != ShardMode.NONE) {
      throw new UserException(
          "option --shard: expected none with --backend cuda (or --backend cpu with it), found " + request.sharding().mode());
    }
  }

  /** A GPU that computes is always named; that there is none only where a user could have meant one. */
  private void announce(TrainRequest request, BackendChoice.Resolved backend) {
    if (backend.choice().kind() == BackendKind.CUDA) {
      String used = request.ranks() < backend.gpus() ? ", of which " + request.ranks() + " compute" : "";
      out.println(backend.line() + used);
    } else if (backend.wasted()) {
      err.println("kiln: warning: " + backend.line());
    } else if (request.backend().kind() == null && request.isTrainCommand()) {
      out.println(backend.line());
    }
  }

  private static void checkData(TrainRequest request) {
    boolean finished = Files.exists(request.data().resolve(Manifest.FILE));
    if (!finished && !request.reading().follow() && Preparation.read(request.data()).isPresent()) {
      throw new UserException(
          request.data() + ": no " + Manifest.FILE + ": its preparation did not finish; the same ./kiln data command goes on with it,"
              + " and --follow trains beside it");
    }
  }

  private static void checkRanks(TrainRequest request) {
    int microBatches = request.preset().microBatches();
    int ranks = request.ranks();
    if (ranks > microBatches) {
      Preset p = request.preset();
      String why = "batch " + p.batch() + " in micro-batches of " + p.microBatch();
      throw new UserException("option --ranks: expected at most " + microBatches + " (" + why + "), found " + ranks);
    }
    if (microBatches % ranks != 0) {
      throw new UserException("option --ranks: expected a divisor of the " + microBatches + " micro-batches, found " + ranks);
    }
  }

  /** The checkpoint to go on from. */
  private Optional<Path> checkpoint(TrainRequest request) {
    RunFolder run = new RunFolder(request.out());
    if (!request.resume() && run.latest().isPresent()) {
      String found = run.latest().get().getFileName().toString();
      throw new UserException(
          "option --out: " + request.out() + " holds " + found + " of an earlier run; add --resume or choose another folder");
    }
    Optional<Path> newest = CheckpointChoice.newest(run, line -> err.println("kiln: warning: " + line));
    newest.ifPresent(c -> CheckpointReader.checkSamePreset(c, TrainingRecord.read(c), request.preset()));
    return newest;
  }

  /** The folder of the frozen autoencoder. A checkpoint that is gone on from has it, and encoded data have it. */
  private static Path vae(TrainRequest request, Path checkpoint, InitialModel init, EncodedModels encoded) {
    Path given = givenVae(request, checkpoint, init, encoded);
    if (encoded != null) {
      encoded.checkVae(given);
    }
    return given;
  }

  private static Path givenVae(TrainRequest request, Path checkpoint, InitialModel init, EncodedModels encoded) {
    Preset preset = request.preset();
    if (preset.vae() != null) {
      if (request.vae() != null) {
        throw new UserException("option --vae: preset " + preset.name() + " trains its own autoencoder");
      }
      return null;
    }
    if (checkpoint != null) {
      return CheckpointLayout.network(checkpoint, NetworkFiles.VAE, false);
    }
    if (request.vae() != null) {
      ModelFolder source = GivenModel.open("--vae", request.vae());
      return source.require(NetworkFiles.VAE, ComponentKind.AUTOENCODER_KL).path();
    }
    return Optional.ofNullable(init)
        .flatMap(InitialModel::vae)
        .or(() -> Optional.ofNullable(encoded).map(EncodedModels::vae))
        .orElseThrow(() -> new UserException("option --vae: missing, expected " + autoencoder(preset)));
  }

  private static String autoencoder(Preset preset) {
    String wanted = "the folder of an autoencoder";
    return preset.autoencoder() == null ? wanted : wanted + ", or a run or a checkpoint of preset " + preset.autoencoder();
  }

  /** The folder of a text encoder that is not trained, which is no longer to be begun with then. */
  private static Path textEncoder(Preset preset, Path checkpoint, Map<String, Path> initial, EncodedModels encoded) {
    if (preset.textEncoder() == null || preset.trainsTextEncoder()) {
      return null;
    }
    Path given =
        checkpoint != null
            ? CheckpointLayout.network(checkpoint, NetworkFiles.TEXT_ENCODER, false)
            : Optional.ofNullable(initial.remove(NetworkFiles.TEXT_ENCODER))
                .or(() -> Optional.ofNullable(encoded).flatMap(EncodedModels::textEncoder))
                .orElseThrow(
                    () ->
                        new UserException(
                            "train_text_encoder: false leaves the text encoder as --init has it, found no --init"));
    if (encoded != null) {
      encoded.checkTextEncoder(given, preset);
    }
    return given;
  }

  @Override
  public void close() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
