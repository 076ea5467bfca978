package kiln.model.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import kiln.bindings.UserException;
import kiln.model.graph.Parameter;

/** A parameter of a network and the tensor of a weight file that holds its values. */
record WeightMatch(Parameter parameter, TensorEntry tensor) {
  /**
   * Matches every parameter whose name starts with {@code prefix} with its tensor, which is named without it.
   *
   * @throws UserException if a tensor is missing, superfluous, of another shape or not of floating-point numbers
   */
  static List<WeightMatch> all(WeightSource source, WeightNames names, List<Parameter> parameters, String prefix) {
    Map<String, TensorEntry> found = byParameter(source, names);
    TreeSet<String> superfluous = new TreeSet<>(found.keySet());
    List<WeightMatch> matches = new ArrayList<>();
    for (Parameter parameter : parameters) {
      if (parameter.name().startsWith(prefix)) {
        String name = parameter.name().substring(prefix.length());
        TensorEntry tensor = found.get(name);
        check(source, name, parameter, tensor);
        superfluous.remove(name);
        matches.add(new WeightMatch(parameter, tensor));
      }
    }
    if (!superfluous.isEmpty()) {
      TensorEntry first = found.get(superfluous.first());
      throw new UserException(
          source.path() + ": found tensor " + first.name() + " (" + first.describe() + "), expected only the " + matches.size()
              + " tensors of the network; " + superfluous.size() + " are superfluous");
    }
    return matches;
  }

  private static Map<String, TensorEntry> byParameter(WeightSource source, WeightNames names) {
    Map<String, TensorEntry> result = new HashMap<>();
    source.tensors().forEach((name, tensor) -> {
      String parameter = names.parameter(name);
      TensorEntry other = parameter == null ? null : result.put(parameter, tensor);
      if (other != null) {
        throw new UserException(
            source.path() + ": found tensors " + other.name() + " and " + name + ", expected one of them, for " + parameter);
      }
    });
    return result;
  }

  private static void check(WeightSource source, String name, Parameter parameter, TensorEntry found) {
    if (found == null) {
      throw new UserException(source.path() + ": found no tensor " + name + ", expected F32" + parameter.shape());
    }
    boolean readable = TensorCast.FLOATS.contains(found.type());
    List<Long> dims = Arrays.stream(parameter.shape().dims()).asLongStream().boxed().toList();
    if (!readable || !found.dims().equals(dims)) {
      SafetensorsType expected = readable ? found.type() : SafetensorsType.F32;
      throw new UserException(
          source.path() + ": tensor " + found.name() + ": found " + found.describe() + ", expected " + expected
              + parameter.shape());
    }
  }
}
