package kiln.launcher.cli;

import java.time.Duration;
import kiln.launcher.control.ControlOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How ranks find each other, and when one is taken for lost. */
final class ControlMixin {
  @Option(
      names = "--heartbeat-timeout",
      paramLabel = "TIME",
      defaultValue = "6s",
      description = "How long a rank may be silent until it is taken for lost and the job ends; it need not be computing fast.")
  private String heartbeatTimeout;

  @Option(
      names = "--collective-timeout",
      paramLabel = "TIME",
      defaultValue = "300s",
      description = {
        "How long ranks may wait for each other in one operation until all write down what they were doing (recorder/ in --out),",
        "a line says which rank is missing from what, and the job ends."
      })
  private String collectiveTimeout;

  @Option(
      names = "--join-timeout",
      paramLabel = "TIME",
      defaultValue = "2m",
      description = "How long ranks wait for each other at the start.")
  private String joinTimeout;

  @Option(
      names = "--control-address",
      paramLabel = "ADDRESS",
      description = {
        "Interface (eth0) or address of rank 0's machine where it listens for the other ranks, with :PORT or without.",
        "If not given: the loopback interface if all ranks share a machine, else the address of the machine's name."
      })
  private String address;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  ControlOptions options() {
    return new ControlOptions(
        address,
        time("--heartbeat-timeout", heartbeatTimeout),
        time("--collective-timeout", collectiveTimeout),
        time("--join-timeout", joinTimeout));
  }

  private Duration time(String option, String text) {
    return TimeSpans.parse(spec, option, text, ControlOptions.LEAST);
  }
}
