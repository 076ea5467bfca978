package kiln.launcher.generate;

import java.nio.file.Path;
import java.util.List;
import kiln.launcher.folder.Component;
import kiln.model.graph.Parameter;
import kiln.model.pipeline.NetworkWeights;
import kiln.model.plan.ParameterBinding;
import kiln.model.weights.MappedWeights;
import kiln.model.weights.WeightNames;

/**
 * A network's weights in the mapped pages of their files. Either they stay mapped from the beginning to the end, or they are
 * only there while a phase uses them.
 */
final class MappedNetwork implements NetworkWeights, AutoCloseable {
  private final Path folder;
  private final WeightNames names;
  private final List<Parameter> parameters;
  private final String prefix;
  private final boolean stays;
  private final long bytes;
  private MappedWeights open;

  /**
   * Checks the files against the parameters.
   *
   * @param component a network's folder
   * @param prefix what the parameters' names begin with and the files' do not
   * @param stays whether the weights are mapped for as long as this object lives
   * @throws kiln.bindings.UserException if a tensor is missing, superfluous or misshapen, or a file is damaged
   */
  MappedNetwork(Component component, WeightNames names, List<Parameter> parameters, String prefix, boolean stays) {
    this.folder = component.path();
    this.names = names;
    this.parameters = List.copyOf(parameters);
    this.prefix = prefix;
    this.stays = stays;
    open = map();
    bytes = open.residentBytes();
    release();
  }

  private MappedWeights map() {
    return MappedWeights.open(folder, names, parameters, prefix);
  }

  /** Bytes of memory once all weights have been used. */
  long bytes() {
    return bytes;
  }

  @Override
  public ParameterBinding acquire() {
    if (open == null) {
      open = map();
    }
    return open;
  }

  @Override
  public void release() {
    if (!stays) {
      close();
    }
  }

  @Override
  public boolean fixed() {
    return stays;
  }

  @Override
  public void close() {
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
