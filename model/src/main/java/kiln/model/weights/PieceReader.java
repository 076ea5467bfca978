package kiln.model.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import tools.jackson.databind.JsonNode;

/** The pieces of tensors that an index names, checked one by one and against what the files hold. */
record PieceReader(Path index) {
  /**
   * @param pieces what the index says; may be missing
   * @throws UserException if it is malformed, or the pieces of a tensor are not all of it, once
   */
  List<TensorPlace> read(JsonNode pieces) {
    if (pieces.isMissingNode()) {
      return List.of();
    }
    if (!pieces.isObject()) {
      throw new UserException(index + ": pieces is no object, expected one of tensors");
    }
    List<TensorPlace> places = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : pieces.properties()) {
      places.add(read(property.getKey(), property.getValue()));
    }
    return places;
  }

  private TensorPlace read(String tensor, JsonNode node) {
    List<TensorPlace.Part> parts = new ArrayList<>();
    for (JsonNode part : list(tensor, "parts", node.path("parts"))) {
      JsonNode file = part.path("file");
      if (!file.isString()) {
        throw malformed(tensor, "file", file, "a file name of that folder");
      }
      long offset = number(tensor, "offset", part.path("offset"), Long.MAX_VALUE);
      long count = number(tensor, "count", part.path("count"), Long.MAX_VALUE);
      parts.add(new TensorPlace.Part(file.stringValue(), offset, count));
    }
    List<Integer> dims = new ArrayList<>();
    for (JsonNode dim : list(tensor, "shape", node.path("shape"))) {
      dims.add((int) number(tensor, "shape", dim, Integer.MAX_VALUE));
    }
    try {
      return new TensorPlace(tensor, Shape.of(dims.stream().mapToInt(Integer::intValue).toArray()), parts);
    } catch (ArithmeticException e) {
      throw new UserException(index + ": pieces " + tensor + ": found shape " + dims + ", expected fewer elements", e);
    } catch (IllegalArgumentException e) {
      throw new UserException(index + ": pieces " + tensor + ": " + e.getMessage(), e);
    }
  }

  private JsonNode list(String tensor, String field, JsonNode node) {
    if (!node.isArray()) {
      throw malformed(tensor, field, node, "a list");
    }
    return node;
  }

  private long number(String tensor, String field, JsonNode node, long most) {
    boolean fits = node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0 && node.longValue() <= most;
    if (!fits) {
      throw malformed(tensor, field, node, "a whole number from 0 to " + most);
    }
    return node.longValue();
  }

  private UserException malformed(String tensor, String field, JsonNode found, String expected) {
    String what = found.isMissingNode() ? "no " + field : field + " " + found;
    return new UserException(index + ": pieces " + tensor + ": found " + what + ", expected " + expected);
  }

  /**
   * What the files hold of a cut tensor.
   *
   * @param files opens the file of a part, which holds a tensor of that name
   * @throws UserException if a file holds something other than the part
   */
  static StoredTensor stored(TensorPlace place, Function<TensorPlace.Part, SafetensorsFile> files) {
    List<StoredTensor.Piece> pieces = new ArrayList<>();
    for (TensorPlace.Part part : place.parts()) {
      SafetensorsFile file = files.apply(part);
      TensorEntry found = file.tensors().get(place.tensor());
      List<Long> expected = List.of(part.count());
      if (found.type() != SafetensorsType.F32 || !found.dims().equals(expected)) {
        throw new UserException(
            file.path() + ": tensor " + found.name() + ": found " + found.describe() + ", expected F32" + expected
                + ", a piece of " + place.shape());
      }
      pieces.add(new StoredTensor.Piece(file, part.offset(), part.count()));
    }
    SafetensorsFile first = pieces.getFirst().file();
    List<Long> dims = Arrays.stream(place.shape().dims()).asLongStream().boxed().toList();
    long bytes = place.shape().elements() * Float.BYTES;
    long offset = first.tensors().get(place.tensor()).offset();
    return new StoredTensor(new TensorEntry(place.tensor(), SafetensorsType.F32, dims, offset, bytes), pieces);
  }
}
