package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.PlanBuilder;
import kiln.model.train.BoundParameters;

/** A network that a run uses as it is: its files and its weights, which every checkpoint takes along. */
public final class FrozenNetwork implements ParameterBinding, AutoCloseable {
  private final NetworkFiles files;
  private final Region region;
  private final BoundParameters weights;

  private FrozenNetwork(NetworkFiles files, Region region, ParameterTable table) {
    this.files = files;
    this.region = region;
    this.weights = new BoundParameters(table, region.segment());
  }

  /**
   * Reads the weights that lie in {@code from}.
   *
   * @throws UserException if the file is absent or malformed, or a tensor is missing, misshapen or superfluous
   */
  public static FrozenNetwork open(Path from, NetworkFiles files, List<Parameter> parameters) {
    ParameterTable table = new ParameterTable(parameters);
    Region region = Region.allocate(files.folder() + " weights", table.bytes());
    try {
      files.read(from, table, region.segment());
      return new FrozenNetwork(files, region, table);
    } catch (RuntimeException e) {
      region.close();
      throw e;
    }
  }

  @Override
  public void bind(Graph graph, PlanBuilder builder) {
    weights.bind(graph, builder);
  }

  /** Writes configuration and weights into a folder below {@code parent}. */
  void write(Path parent) throws IOException {
    files.write(parent, weights.table(), weights.values());
  }

  NetworkFiles files() {
    return files;
  }

  @Override
  public void close() {
    region.close();
  }
}
