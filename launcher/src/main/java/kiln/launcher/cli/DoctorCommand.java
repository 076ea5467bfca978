package kiln.launcher.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kiln.launcher.doctor.Doctor;
import kiln.launcher.doctor.Finding;
import kiln.launcher.ranks.ExitStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kiln doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Says whether this machine has what Kiln needs and can use, and what to do about what is missing.",
      "The exit status is 1 if something is wrong; what is only absent limits what can be done."
    })
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<Finding> findings = new Doctor(System.getenv()).examine();
    TextTable table = new TextTable("what", "state", "found", "to do");
    for (Finding finding : findings) {
      table.add(finding.subject(), finding.state().name().toLowerCase(Locale.ROOT), finding.found(), finding.advice());
    }
    PrintWriter out = spec.commandLine().getOut();
    table.print(out);
    out.flush();
    boolean wrong = findings.stream().anyMatch(finding -> finding.state() == Finding.State.WRONG);
    return wrong ? ExitStatus.USER_ERROR : ExitStatus.OK;
  }
}
