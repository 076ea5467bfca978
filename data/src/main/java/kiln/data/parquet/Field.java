package kiln.data.parquet;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * A value in each row, maybe inside groups or the first of a list.
 *
 * @param path positions of fields, from the row inwards
 * @param type of the value
 */
record Field(String name, List<Integer> path, PrimitiveType type) {
  /**
   * Finds a column by its name, or by names of nested ones with dots between.
   *
   * @return empty if there is none that holds one value
   */
  static Optional<Field> find(GroupType schema, String name) {
    return find(schema, name, new ArrayList<>()).map(field -> new Field(name, field.path(), field.type()));
  }

  private static Optional<Field> find(GroupType group, String name, List<Integer> path) {
    for (int i = 0; i < group.getFieldCount(); i++) {
      Type type = group.getType(i);
      List<Integer> deeper = new ArrayList<>(path);
      deeper.add(i);
      if (type.getName().equals(name)) {
        return first(type, deeper);
      }
      if (!type.isPrimitive() && name.startsWith(type.getName() + ".")) {
        return find(type.asGroupType(), name.substring(type.getName().length() + 1), deeper);
      }
    }
    return Optional.empty();
  }

  /** The value itself, or the first of a list of such; through groups that hold nothing else. */
  private static Optional<Field> first(Type type, List<Integer> path) {
    if (type.isPrimitive()) {
      return Optional.of(new Field(type.getName(), List.copyOf(path), type.asPrimitiveType()));
    }
    boolean list = type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation;
    if ((list || type.isRepetition(Type.Repetition.REPEATED)) && type.asGroupType().getFieldCount() == 1) {
      path.add(0);
      return first(type.asGroupType().getType(0), path);
    }
    return Optional.empty();
  }

  /** Whether it is only a part of a column. */
  boolean isNested() {
    return path.size() > 1;
  }

  boolean isNumber() {
    return switch (type.getPrimitiveTypeName()) {
      case FLOAT, DOUBLE, INT32, INT64 -> true;
      case BINARY, FIXED_LEN_BYTE_ARRAY, INT96, BOOLEAN -> false;
    };
  }

  boolean isBinary() {
    return type.getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
  }

  /** Bytes of a binary value; null if there is none. */
  byte[] bytes(Group row) {
    Group group = parent(row);
    int last = path.getLast();
    if (group == null || group.getFieldRepetitionCount(last) == 0) {
      return null;
    }
    Binary value = group.getBinary(last, 0);
    return value.getBytes();
  }

  /** A number; NaN if there is none, or it is not a number. */
  double number(Group row) {
    Group group = parent(row);
    int last = path.getLast();
    if (group == null || group.getFieldRepetitionCount(last) == 0) {
      return Double.NaN;
    }
    return switch (type.getPrimitiveTypeName()) {
      case FLOAT -> group.getFloat(last, 0);
      case DOUBLE -> group.getDouble(last, 0);
      case INT32 -> group.getInteger(last, 0);
      case INT64 -> group.getLong(last, 0);
      case BINARY, FIXED_LEN_BYTE_ARRAY, INT96, BOOLEAN -> Double.NaN;
    };
  }

  /** As text, whatever it is; null if there is none. */
  String text(Group row) {
    Group group = parent(row);
    int last = path.getLast();
    if (group == null || group.getFieldRepetitionCount(last) == 0) {
      return null;
    }
    return isBinary() ? group.getBinary(last, 0).toStringUsingUTF8() : RowJson.value(group, last, 0).asString();
  }

  private Group parent(Group row) {
    Group group = row;
    for (int position : path.subList(0, path.size() - 1)) {
      if (group.getFieldRepetitionCount(position) == 0) {
        return null;
      }
      group = group.getGroup(position, 0);
    }
    return group;
  }
}
