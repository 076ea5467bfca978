package kiln.collectives;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.device.TestDevice;
import kiln.collectives.nccl.DeviceCommunicator;
import kiln.collectives.staged.StagedCommunicator;

/** Ranks that are threads of the test, each with a device of the driver for tests. */
final class DeviceRanks {
  /** How a device's memory travels. */
  enum Way {
    NCCL {
      @Override
      Communicator join(Communicator host, DeviceQueue queue) {
        return DeviceCommunicator.join(queue, host, Duration.ofSeconds(30));
      }
    },
    STAGED {
      @Override
      Communicator join(Communicator host, DeviceQueue queue) {
        return new StagedCommunicator(host, queue);
      }
    };

    abstract Communicator join(Communicator host, DeviceQueue queue);
  }

  private DeviceRanks() {}

  /** What {@code program} gives on each rank. */
  static <T> List<T> run(Way way, int size, BiFunction<Communicator, TestDevice, T> program)
      throws InterruptedException, ExecutionException {
    return ThreadRanks.run(
        size,
        host -> {
          try (TestDevice device = new TestDevice();
              Communicator c = way.join(host, device.queue())) {
            return program.apply(c, device);
          }
        });
  }
}
