package kiln.launcher.transfer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.Networks;
import kiln.model.graph.Parameter;
import kiln.model.network.ConfigReader;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter.Tensor;
import kiln.model.weights.TensorEntry;
import kiln.model.weights.WeightNames;
import kiln.model.weights.WeightSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * A network to begin with. Where a file has a parameter, its values are taken from there. Only what reads the text encoder's
 * output may have another shape, because another text encoder may have another width: the keys and values of a UNet's
 * cross-attentions begin anew then.
 *
 * @param tensors in the order of the network, under the names of its files
 * @param fresh parameters that begin anew
 */
record InitialNetwork(List<Tensor> tensors, List<Parameter> fresh) {
  private static final Pattern READS_TEXT = Pattern.compile(".*\\.attn2\\.to_[kv]\\.weight");
  private static final Set<String> WIDTH_OF_TEXT = Set.of("cross_attention_dim");
  private static final Set<SafetensorsType> FLOATS =
      Set.of(SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16, SafetensorsType.F64);

  /**
   * All of it anew.
   *
   * @param name the network's folder, with which the parameters' names begin
   */
  static InitialNetwork fresh(String name, List<Parameter> parameters, long seed) {
    return new InitialNetwork(parameters.stream().map(p -> fresh(name, p, seed)).toList(), parameters);
  }

  private static Tensor fresh(String name, Parameter parameter, long seed) {
    return FreshTensor.of(parameter.name().substring(name.length() + 1), parameter, seed);
  }

  /**
   * From the weights of a component.
   *
   * @param config of the network that is wanted
   * @param source the component's weights, open until the tensors have been written
   * @throws UserException if the component is another network
   */
  static InitialNetwork from(
      Component component, WeightSource source, String name, ObjectNode config, List<Parameter> parameters, long seed) {
    checkConfig(component, name, config);
    Map<String, TensorEntry> found = byParameter(component, source);
    TreeSet<String> superfluous = new TreeSet<>(found.keySet());
    List<Tensor> tensors = new ArrayList<>();
    List<Parameter> anew = new ArrayList<>();
    for (Parameter parameter : parameters) {
      String own = parameter.name().substring(name.length() + 1);
      superfluous.remove(own);
      TensorEntry entry = found.get(own);
      if (isKept(source, own, parameter, entry)) {
        tensors.add(source.tensor(entry.name()).renamed(own));
      } else {
        tensors.add(fresh(name, parameter, seed));
        anew.add(parameter);
      }
    }
    if (!superfluous.isEmpty()) {
      TensorEntry first = found.get(superfluous.first());
      String expected = "expected only the " + parameters.size() + " tensors of the network";
      throw new UserException(source.path() + ": found tensor " + first.name() + " (" + first.describe() + "), " + expected);
    }
    return new InitialNetwork(tensors, anew);
  }

  private static void checkConfig(Component component, String name, ObjectNode config) {
    ObjectNode found = NetworkConfigs.normalized(name, ConfigReader.open(component.requireConfig()));
    Set<String> except = name.equals(NetworkFiles.UNET) ? WIDTH_OF_TEXT : Set.of();
    NetworkConfigs.difference(found, config, except)
        .ifPresent(
            difference -> {
              throw new UserException(component.requireConfig() + ": " + difference);
            });
  }

  private static Map<String, TensorEntry> byParameter(Component component, WeightSource source) {
    WeightNames names = Networks.weightNames(component.kind());
    Map<String, TensorEntry> result = new HashMap<>();
    source.tensors().forEach((tensor, entry) -> {
      String parameter = names.parameter(tensor);
      TensorEntry other = parameter == null ? null : result.put(parameter, entry);
      if (other != null) {
        String line = "found tensors " + other.name() + " and " + tensor + ", expected one of them, for " + parameter;
        throw new UserException(source.path() + ": " + line);
      }
    });
    return result;
  }

  private static boolean isKept(WeightSource source, String name, Parameter parameter, TensorEntry entry) {
    String expected = "expected F32" + parameter.shape();
    if (entry == null) {
      throw new UserException(source.path() + ": found no tensor " + name + ", " + expected);
    }
    List<Long> dims = Arrays.stream(parameter.shape().dims()).asLongStream().boxed().toList();
    boolean floats = FLOATS.contains(entry.type());
    if (floats && entry.dims().equals(dims)) {
      return true;
    }
    boolean otherWidth = entry.dims().size() == 2 && entry.dims().getFirst().equals(dims.getFirst());
    if (floats && otherWidth && READS_TEXT.matcher(name).matches()) {
      return false;
    }
    throw new UserException(source.path() + ": tensor " + entry.name() + ": found " + entry.describe() + ", " + expected);
  }
}
