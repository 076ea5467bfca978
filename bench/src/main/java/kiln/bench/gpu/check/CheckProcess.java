package kiln.bench.gpu.check;

import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.plan.Backend;
import tools.jackson.databind.json.JsonMapper;

/** The process that runs the cases of a check. It says on standard output which one it begins, and what came of it. */
final class CheckProcess {
  /** Begin the lines for whoever started it; what libraries print does not. */
  static final String BEGIN = "kiln-check begin ";

  static final String END = "kiln-check end ";

  /** A case failed in a way after which a device may be of no more use to this process. */
  static final int AFRESH = 3;

  static final JsonMapper JSON = JsonMapper.builder().build();

  private CheckProcess() {}

  private static final class Shared implements CheckCase.OpenBackend {
    private final CheckSettings settings;
    private Backend backend;

    Shared(CheckSettings settings) {
      this.settings = settings;
    }

    @Override
    public Backend get() {
      if (backend == null) {
        backend = settings.open();
      }
      return backend;
    }
  }

  /**
   * @param arguments check, number of the first case, backend, folder, and perhaps the number of the device
   */
  public static void main(String[] arguments) {
    Check check = Check.valueOf(arguments[0]);
    Integer device = arguments.length > 4 ? Integer.valueOf(arguments[4]) : null;
    CheckSettings settings = new CheckSettings(arguments[2], device, Path.of(arguments[3]));
    System.exit(run(check.cases(settings), Integer.parseInt(arguments[1]), settings));
  }

  private static int run(List<CheckCase> cases, int first, CheckSettings settings) {
    Shared backend = new Shared(settings);
    for (CheckCase one : cases.subList(first, cases.size())) {
      System.out.println(BEGIN + JSON.writeValueAsString(one.name()));
      CaseResult result;
      try {
        result = CaseResult.of(one.name(), one.run(settings, backend));
      } catch (Throwable thrown) { // whatever it is, it belongs to this case
        if (!(thrown instanceof UserException)) {
          thrown.printStackTrace();
        }
        result = CaseResult.failed(one.name(), thrown instanceof UserException ? thrown.getMessage() : thrown.toString());
      }
      System.out.println(END + JSON.writeValueAsString(result));
      System.out.flush();
      if (result.error() != null) {
        return AFRESH; // without closing the backend, which may hang or crash now
      }
    }
    if (backend.backend != null) {
      backend.backend.close();
    }
    return 0;
  }
}
