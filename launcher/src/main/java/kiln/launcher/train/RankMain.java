package kiln.launcher.train;

import java.nio.file.Path;
import java.time.Duration;
import kiln.bindings.UserException;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.JoinTimeoutException;
import kiln.collectives.PeerLostException;
import kiln.collectives.local.LocalCommunicator;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.control.ControlHost;
import kiln.launcher.control.ControlOptions;
import kiln.launcher.control.ControlPlane;
import kiln.launcher.control.JobFailedException;
import kiln.launcher.control.JobSecret;
import kiln.launcher.control.ListenAddress;
import kiln.launcher.control.Rendezvous;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.RankFolder;
import kiln.launcher.ranks.StopRequest;
import kiln.launcher.transport.RefusedException;
import kiln.launcher.transport.TransportKind;
import kiln.launcher.transport.Transports;

/** What a rank process runs: {@link kiln.launcher.ranks.RankSupervisor} starts it. */
public final class RankMain {
  /** How long it may take until a rank knows which other one its collective failed for. */
  private static final Duration TO_LEARN_WHY = Duration.ofSeconds(2);

  private static final String SMALLER = "try a smaller micro_batch, or more memory for the heap (--set memory=…)";

  private RankMain() {}

  /**
   * @param arguments the file of the {@link TrainJob}
   */
  public static void main(String[] arguments) {
    StopRequest stop = StopRequest.watch(System.in, RankFolder::deleteOwn);
    RankEnvironment environment = RankEnvironment.read(System.getenv());
    int status;
    try {
      status = run(TrainJob.read(Path.of(arguments[0])), environment, stop);
    } catch (UserException e) {
      System.err.println("kiln: " + e.getMessage());
      status = ExitStatus.USER_ERROR;
    } catch (PeerLostException | JoinTimeoutException e) {
      System.err.println("kiln: rank " + environment.rank() + ": " + e.getMessage());
      status = ExitStatus.PEER_LOST;
    } catch (JobFailedException e) {
      status = ExitStatus.PEER_LOST; // it has been said
    } catch (OutOfMemoryError e) {
      System.err.println("kiln: rank " + environment.rank() + ": " + describe(e));
      status = ExitStatus.USER_ERROR;
    } catch (Throwable e) {
      e.printStackTrace();
      status = ExitStatus.BUG;
    }
    System.out.flush();
    Runtime.getRuntime().halt(status); // not exit: nothing may hold up the end, and there are no hooks to run
  }

  static String describe(OutOfMemoryError e) {
    return "out of memory (" + e.getMessage() + "); " + SMALLER;
  }

  private static int run(TrainJob job, RankEnvironment environment, StopRequest stop) {
    try (TrainingSession session = TrainingSession.open(job, environment);
        ControlPlane control = join(job.control(), environment)) {
      try (Communicator communicator = join(control, job, environment, session.queue())) {
        if (environment.rank() == 0) {
          RankFolder.delete(environment.segment().getParent());
        }
        return train(session, communicator, control, stop) ? ExitStatus.OK : ExitStatus.STOPPED;
      } catch (CollectiveException e) {
        if (control.failure(TO_LEARN_WHY).isPresent()) {
          return ExitStatus.PEER_LOST; // it has been said
        }
        throw e;
      } catch (RuntimeException | Error e) {
        control.abort(e.getClass().getSimpleName());
        throw e;
      }
    }
  }

  private static boolean train(
      TrainingSession session, Communicator communicator, ControlPlane control, StopRequest stop) {
    try {
      return session.train(communicator, control, stop);
    } catch (CollectiveException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      communicator.abort(e.getClass().getSimpleName());
      throw e;
    }
  }

  /** Rank 0 tells the others where it listens by a file of the folder that they share, where the job's secret lies. */
  private static ControlPlane join(ControlOptions options, RankEnvironment environment) {
    int rank = environment.rank();
    int size = environment.size();
    if (size == 1) {
      return ControlPlane.alone();
    }
    Path folder = environment.segment().getParent();
    JobSecret secret = JobSecret.read(RankFolder.secret(folder));
    Runnable end = () -> Runtime.getRuntime().halt(ExitStatus.PEER_LOST);
    if (rank == 0) {
      ControlHost host =
          ControlPlane.host(
              ListenAddress.choose(options.address(), true, System.getenv()), secret, size, options, System.err::println);
      host.rendezvous().publish(folder);
      return ControlPlane.join(host, System.err::println, end);
    }
    Rendezvous rendezvous = Rendezvous.await(folder, secret, rank, size, options.joinTimeout());
    return ControlPlane.join(rendezvous, rank, size, options, System.err::println, end);
  }

  private static Communicator onDevice(
      TransportKind wanted, Communicator inside, DeviceQueue queue, Duration timeout) {
    try {
      return Transports.onDevice(wanted, inside, queue, timeout);
    } catch (RefusedException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  private static Communicator join(
      ControlPlane control, TrainJob job, RankEnvironment environment, DeviceQueue queue) {
    Duration timeout = job.control().joinTimeout();
    Communicator inside =
        LocalCommunicator.join(environment.segment(), environment.rank(), environment.size(), timeout);
    Communicator joined = onDevice(job.gradients().transport(), inside, queue, timeout);
    if (environment.rank() == 0) {
      Transports.describe(joined).ifPresent(System.out::println);
    }
    return control.watch(joined, new RunFolder(job.out()).recorders());
  }
}
