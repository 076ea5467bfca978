package kiln.bench.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.Region;
import kiln.model.graph.Parameter;
import kiln.model.pipeline.NetworkWeights;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.ParameterTable;
import kiln.model.train.ParameterInitializer;
import kiln.model.weights.MappedWeights;
import kiln.model.weights.WeightNames;
import kiln.model.weights.Weights;

/** Random weights of a network in a file of their own, mapped from the first use on, as those of a trained network are. */
final class StoredWeights implements NetworkWeights, AutoCloseable {
  private final List<Parameter> parameters;
  private final Path file;
  private MappedWeights open;

  StoredWeights(List<Parameter> parameters) {
    this.parameters = parameters;
    ParameterTable table = new ParameterTable(parameters);
    Region values = Region.allocate("weights", table.bytes());
    try {
      file = Files.createTempFile("kiln-bench", ".safetensors");
      Files.delete(file); // it is written as a new one
      ParameterInitializer.initialize(table, values.segment(), 0);
      Weights.save(file, table, "", values.segment());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      values.close();
    }
  }

  @Override
  public ParameterBinding acquire() {
    if (open == null) {
      open = MappedWeights.open(file, WeightNames.SAME, parameters, "");
    }
    return open;
  }

  @Override
  public void release() {}

  @Override
  public boolean fixed() {
    return true;
  }

  @Override
  public void close() {
    if (open != null) {
      open.close();
    }
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
