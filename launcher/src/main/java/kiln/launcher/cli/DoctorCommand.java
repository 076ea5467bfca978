package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import kiln.collectives.Communicator;
import kiln.collectives.mpi.MpiCommunicator;
import kiln.launcher.doctor.Doctor;
import kiln.launcher.doctor.Examination;
import kiln.launcher.doctor.Finding;
import kiln.launcher.doctor.Placed;
import kiln.launcher.doctor.RankDoctor;
import kiln.launcher.jvm.Relaunch;
import kiln.launcher.preset.PresetJson;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Says whether this machine has what Kiln needs and can use, and what to do about what is missing.",
      "Started by mpirun or srun, it looks at all their machines, and compares their clocks and what is installed.",
      "The exit status is 1 if something is wrong; what is only absent, or a warning, limits what can be done."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int HEAP_MEGABYTES = 256;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where runs and data are to lie: tried out by writing a small file. The current one if not given.")
  private Path folder;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Optional<RankEnvironment> launched = RankEnvironment.launched(System.getenv());
    if (launched.isEmpty()) {
      Relaunch.withModuleOptions();
      List<Finding> findings = new Doctor(folder).examine();
      return report(List.of(), findings.stream().map(finding -> new Placed(List.of(), finding)).toList());
    }
    Relaunch.asRank(launched.get(), HEAP_MEGABYTES);
    try (Communicator world = MpiCommunicator.world()) {
      Examination examination = new RankDoctor(world, folder).examine();
      int status = ExitStatus.OK;
      if (world.rank() == 0) {
        status = report(examination.hosts(), examination.findings());
      }
      world.barrier(); // a rank that ends with an error ends the others, which may still be talking
      return status;
    }
  }

  /**
   * @param hosts those that were compared; none if it is this machine alone
   */
  private int report(List<String> hosts, List<Placed> findings) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(PresetJson.MAPPER.writeValueAsString(object(hosts, findings)));
    } else {
      print(hosts, findings, out);
    }
    out.flush();
    boolean wrong = findings.stream().anyMatch(placed -> placed.finding().state() == Finding.State.WRONG);
    return wrong ? ExitStatus.USER_ERROR : ExitStatus.OK;
  }

  private static void print(List<String> hosts, List<Placed> findings, PrintWriter out) {
    boolean several = hosts.size() > 1;
    String[] headings = {"where", "what", "state", "found", "to do"};
    TextTable table = new TextTable(several ? headings : Arrays.copyOfRange(headings, 1, headings.length));
    for (Placed placed : findings) {
      Finding finding = placed.finding();
      List<Object> cells = new ArrayList<>();
      if (several) {
        cells.add(placed.hosts().isEmpty() ? "all" : String.join(",", placed.hosts()));
      }
      cells.addAll(List.of(finding.subject(), word(finding), finding.found(), finding.advice()));
      table.add(cells.toArray());
    }
    table.print(out);
  }

  private static Map<String, Object> object(List<String> hosts, List<Placed> findings) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Placed placed : findings) {
      Finding finding = placed.finding();
      Map<String, Object> one = new LinkedHashMap<>();
      if (!hosts.isEmpty()) {
        one.put("hosts", placed.hosts().isEmpty() ? hosts : placed.hosts());
      }
      one.put("subject", finding.subject());
      one.put("state", word(finding));
      one.put("found", finding.found());
      one.put("advice", finding.advice());
      list.add(one);
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("findings", list);
    return object;
  }

  private static String word(Finding finding) {
    return finding.state().name().toLowerCase(Locale.ROOT);
  }
}
