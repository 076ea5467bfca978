package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.jvm.Relaunch;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.launcher.profile.ProfileRequest;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.train.LaunchedRank;
import kiln.launcher.train.TrainRequest;
import kiln.launcher.train.TrainingSupervisor;
import kiln.launcher.transport.TransportKind;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Trains a preset on a prepared data set, with one process per rank: started by --ranks, or by mpirun or srun.",
      "",
      "Ctrl-C, SIGTERM or SIGUSR1, to this command or to any rank: the step is finished and saved, and a line says how to",
      "resume; a second one ends at once, and the checkpoints before stay as they are."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      ExitStatus.OK + ":complete: all steps are made",
      ExitStatus.USER_ERROR + ":something to put right, found while running",
      ExitStatus.USAGE + ":a mistake on the command line",
      ExitStatus.BUG + ":a bug",
      ExitStatus.PEER_LOST + ":ranks were lost",
      ExitStatus.STOPPED + ":asked to stop: what was trained is saved, and --resume goes on",
      ExitStatus.INTERRUPTED + ":ended at once by a second signal",
      "128 + N:a rank was killed by signal N"
    })
final class TrainCommand implements Callable<Integer> {
  private static final int PROFILE_STEPS = 3;

  @Option(
      names = "--preset",
      required = true,
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description = "What to train: ${COMPLETION-CANDIDATES}.")
  private String preset;

  @Mixin private DataMixin data;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder of the run; made if absent.")
  private Path out;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = {
        "Processes of this machine that share the work. If not given: with --backend cuda one per GPU, as far as they divide the",
        "micro-batches of a step, else 1. mpirun and srun say by themselves how many."
      })
  private Integer ranks;

  @Option(
      names = "--max-restarts",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "How often, in all, ranks that were killed, lost or crashed are started again from the last checkpoint that is whole. There",
        "is a pause before: 1 s, and twice as long after each restart that did not get to a new checkpoint, up to 64 s. Not with",
        "mpirun or srun, nor after a mistake in the command, data or settings."
      })
  private int maxRestarts;

  @Option(names = "--resume", description = "Go on from the newest checkpoint in --out, if there is one.")
  private boolean resume;

  @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps of the whole run; the preset's if not given.")
  private Integer steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the initial weights, the order of samples and all noise.")
  private long seed;

  @Option(
      names = "--init",
      paramLabel = "DIR",
      description = {
        "Model to begin with instead of random weights: a folder that kiln init made or that has the layout of diffusers,",
        "or a run or checkpoint, of which the averaged weights are taken."
      })
  private Path init;

  @Option(
      names = "--vae",
      paramLabel = "DIR",
      description = {
        "Run, checkpoint or folder with the trained autoencoder; needed by presets that have none of their own,",
        "if --init has none."
      })
  private Path vae;

  @Mixin private SaveMixin saving;

  @Mixin private BackendMixin backend;

  @Mixin private PrecisionMixin precision;

  @Mixin private MemoryMixin memory;

  @Mixin private GradientMixin gradients;

  @Mixin private GuardMixin guards;

  @Mixin private ShardMixin shards;

  @Mixin private ControlMixin control;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the preset, as in optimizer.learning_rate=1e-3; may be repeated.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<String> settings = List.of();

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = {
        "Write a trace of every launch of some steps, of all ranks, for ui.perfetto.dev or Chrome's about:tracing, and say",
        "which kinds of launches and layers are the slowest."
      })
  private Path profile;

  @Option(
      names = "--profile-steps",
      paramLabel = "N",
      description = "Steps that --profile traces: those after the first one, which is slower. 3 if not given.")
  private Integer profileSteps;

  @Spec private CommandSpec spec;

  /** Names for the help. */
  static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Names() {
      super(PresetCatalog.names());
    }
  }

  @Override
  public Integer call() {
    Optional<RankEnvironment> launched = RankEnvironment.launched(System.getenv());
    int size = size(launched);
    require(maxRestarts >= 0, "--max-restarts: expected at least 0, found " + maxRestarts);
    require(steps == null || steps >= 1, "--steps: expected at least 1, found " + steps);
    List<String> all = new ArrayList<>(settings);
    if (steps != null) {
      all.add("steps=" + steps);
    }
    Preset recipe = preset(all);
    BackendChoice choice = backend.choice();
    if (launched.isEmpty()) {
      Relaunch.withModuleOptions();
      size = ranks == null ? perGpu(recipe, choice) : size;
    }
    TrainRequest request =
        new TrainRequest(
            recipe, data.folder(), data.options(), out, size, resume, seed, init, vae, saving.options(), choice, memory.limit(),
            gradients.options(), guards.options(), shards.sharding(), profile(), control.options(),
            launched.map(rank -> rank.starter().command() + " … ").orElse("") + Typed.command(spec));
    if (launched.isPresent()) {
      Relaunch.asRank(launched.get(), request.preset().memory());
      return new LaunchedRank(request, launched.get(), System.out, System.err).run();
    }
    return new TrainingSupervisor(System.out, System.err).run(request, maxRestarts);
  }

  private int size(Optional<RankEnvironment> launched) {
    if (launched.isPresent()) {
      int size = launched.get().size();
      String starter = launched.get().starter().command();
      require(ranks == null || ranks == size, "--ranks: " + starter + " has started " + size + ", found " + ranks);
      String alone = "--max-restarts: expected 0, because " + starter + " starts the ranks, found " + maxRestarts;
      require(maxRestarts == 0, alone);
      return size;
    }
    TransportKind transport = gradients.transport();
    boolean here = transport != TransportKind.MPI && transport != TransportKind.HIERARCHICAL;
    String line = "--transport: expected auto, local or nccl without mpirun or srun, found ";
    require(here, line + transport.name().toLowerCase(Locale.ROOT));
    require(ranks == null || ranks >= 1, "--ranks: expected at least 1, found " + ranks);
    return ranks == null ? 1 : ranks;
  }

  /** As many ranks as there are GPUs, or the next smaller number that divides the micro-batches; 1 without GPUs. */
  private static int perGpu(Preset recipe, BackendChoice choice) {
    int size = Math.max(1, choice.resolve().gpus());
    while (recipe.microBatches() % size != 0) {
      size--;
    }
    return size;
  }

  private ProfileRequest profile() {
    if (profile == null) {
      require(profileSteps == null, "--profile-steps: expected --profile with it, found none");
      return null;
    }
    return ProfileRequest.of(profile, profileSteps == null ? PROFILE_STEPS : profileSteps);
  }

  private void require(boolean holds, String line) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), "option " + line);
    }
  }

  private Preset preset(List<String> all) {
    try {
      Preset found = PresetCatalog.get(preset, all);
      return memory.apply(found.with(precision.precision(found.precision())));
    } catch (UserException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
