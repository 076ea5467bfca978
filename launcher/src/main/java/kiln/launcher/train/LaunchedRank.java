package kiln.launcher.train;

import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import kiln.bindings.UserException;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.mpi.MpiCommunicator;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.control.ControlHost;
import kiln.launcher.control.ControlOptions;
import kiln.launcher.control.ControlPlane;
import kiln.launcher.control.JobFailedException;
import kiln.launcher.control.JobSecret;
import kiln.launcher.control.ListenAddress;
import kiln.launcher.control.Rendezvous;
import kiln.launcher.profile.TraceFile;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.StopRequest;
import kiln.launcher.transport.Consensus;
import kiln.launcher.transport.RefusedException;
import kiln.launcher.transport.Transports;

/**
 * A rank that mpirun or srun started, which needs no supervisor. All ranks meet over Open MPI; rank 0 makes of the request what
 * all are told to do, and is the one that talks: what all ranks would say is said once, and what one rank alone finds wrong is
 * said with its number.
 */
public final class LaunchedRank {
  /** How long a rank leaves it to rank 0, or to whoever started the job, to say what is wrong and to end it. */
  private static final Duration OTHERS_FIRST = Duration.ofSeconds(3);

  private final TrainRequest request;
  private final RankEnvironment environment;
  private final PrintStream out;
  private final PrintStream err;

  public LaunchedRank(
      TrainRequest request, RankEnvironment environment, PrintStream out, PrintStream err) {
    this.request = request;
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  /** Trains to the end, or until it is stopped. Returns if all is well or no rank has begun; ends the process if not. */
  public int run() {
    StopRequest stop = StopRequest.watch();
    try (Communicator world = MpiCommunicator.world()) {
      checkWorld(world);
      try {
        return train(world, stop);
      } catch (RefusedException e) {
        if (environment.rank() == 0) {
          err.println("kiln: " + e.getMessage());
          err.flush();
        }
        world.barrier(); // no rank ends before that is said
        return ExitStatus.USER_ERROR;
      }
    } catch (Throwable e) {
      return end(report(e));
    }
  }

  private void checkWorld(Communicator world) {
    if (world.size() != environment.size() || world.rank() != environment.rank()) {
      throw new UserException(
          "transport mpi: Open MPI takes this for rank %d of %d, %s for rank %d of %d; srun joins ranks with --mpi=pmix"
              .formatted(
                  world.rank(),
                  world.size(),
                  environment.starter().command(),
                  environment.rank(),
                  environment.size()));
    }
  }

  private int train(Communicator world, StopRequest stop) {
    Consensus consensus = new Consensus(world);
    JobPreparation preparation = new JobPreparation(out, err);
    TrainJob job = TrainJob.parse(consensus.first(() -> preparation.prepare(request).text()));
    try (TrainingSession session = consensus.together(() -> TrainingSession.open(job, environment));
        ControlPlane control = join(consensus, job.control());
        Communicator communicator = join(control, world, job, session.queue())) {
      try {
        return session.train(communicator, control, stop) ? ExitStatus.OK : ExitStatus.STOPPED;
      } catch (CollectiveException e) {
        return end(control.failure(OTHERS_FIRST).isPresent() ? ExitStatus.PEER_LOST : report(e));
      } catch (RuntimeException | Error e) {
        int status = report(e); // before the others know, because whoever started them ends all when one ends
        control.abort(e.getClass().getSimpleName());
        return end(status);
      }
    } finally {
      preparation.close();
      if (job.profile() != null && environment.rank() == 0) {
        new TraceFile(job.profile().file()).deleteParts(environment.size());
      }
    }
  }

  /** Rank 0 listens, and tells the others over Open MPI where. */
  private ControlPlane join(Consensus consensus, ControlOptions options) {
    int rank = environment.rank();
    int size = environment.size();
    Runnable end = () -> end(ExitStatus.PEER_LOST);
    ControlHost[] host = new ControlHost[1]; // on rank 0
    String where =
        consensus.first(
            () -> {
              boolean oneMachine = environment.localSize() == size;
              InetSocketAddress address = ListenAddress.choose(options.address(), oneMachine, System.getenv());
              host[0] = ControlPlane.host(address, JobSecret.create(), size, options, err::println);
              return host[0].rendezvous().text();
            });
    return rank == 0
        ? ControlPlane.join(host[0], err::println, end)
        : ControlPlane.join(Rendezvous.parse("rank 0", where), rank, size, options, err::println, end);
  }

  private Communicator join(ControlPlane control, Communicator world, TrainJob job, DeviceQueue queue) {
    Duration timeout = job.control().joinTimeout();
    Communicator joined =
        Transports.join(job.gradients().transport(), world, control.table().nodes(), timeout, queue);
    if (environment.rank() == 0) {
      Transports.describe(joined).ifPresent(out::println);
    }
    return control.watch(joined, new RunFolder(job.out()).recorders());
  }

  /**
   * Says what went wrong, unless whoever started the ranks ends them before it is this one's turn.
   *
   * @return exit status
   */
  private int report(Throwable e) {
    return switch (e) {
      case UserException _ -> say(e.getMessage(), ExitStatus.USER_ERROR);
      case JobFailedException _ -> ExitStatus.PEER_LOST; // it has been said
      case CollectiveException _ -> say(e.getMessage(), ExitStatus.PEER_LOST);
      case OutOfMemoryError full -> say(RankMain.describe(full), ExitStatus.USER_ERROR);
      default -> {
        e.printStackTrace(err);
        yield ExitStatus.BUG;
      }
    };
  }

  private int say(String line, int status) {
    if (environment.rank() == 0) {
      err.println("kiln: " + line);
      return status;
    }
    try {
      Thread.sleep(OTHERS_FIRST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    err.println("kiln: rank " + environment.rank() + ": " + line);
    return status;
  }

  /** Ends this process without MPI's own end, which would wait for ranks that do not come. */
  private int end(int status) {
    out.flush();
    err.flush();
    Runtime.getRuntime().halt(status);
    return status;
  }
}
