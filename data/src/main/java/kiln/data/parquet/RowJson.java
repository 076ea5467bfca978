package kiln.data.parquet;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Set;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values of a row as JSON: numbers as they are (what is no finite number as null), text, dates and times in ISO 8601, bytes that
 * are no UTF-8 in Base64, lists as arrays, groups as objects.
 */
final class RowJson {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private RowJson() {}

  /**
   * @param columns of the row; those that are null there are left out
   */
  static ObjectNode object(Group row, Set<String> columns) {
    ObjectNode object = NODES.objectNode();
    for (int i = 0; i < row.getType().getFieldCount(); i++) {
      String name = row.getType().getFieldName(i);
      if (columns.contains(name) && row.getFieldRepetitionCount(i) > 0) {
        object.set(name, field(row, i));
      }
    }
    return object;
  }

  static String text(ObjectNode object) {
    return MAPPER.writeValueAsString(object);
  }

  private static JsonNode field(Group group, int field) {
    Type type = group.getType().getType(field);
    if (!type.isRepetition(Type.Repetition.REPEATED)) {
      return group.getFieldRepetitionCount(field) == 0 ? NODES.nullNode() : value(group, field, 0);
    }
    ArrayNode array = NODES.arrayNode();
    for (int i = 0; i < group.getFieldRepetitionCount(field); i++) {
      array.add(value(group, field, i));
    }
    return array;
  }

  /** One of the values of a field. */
  static JsonNode value(Group group, int field, int index) {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      return primitive(group, field, index, type.asPrimitiveType());
    }
    Group inner = group.getGroup(field, index);
    GroupType innerType = inner.getType();
    if (type.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation && innerType.getFieldCount() == 1) {
      return list(inner);
    }
    ObjectNode object = NODES.objectNode();
    for (int i = 0; i < innerType.getFieldCount(); i++) {
      object.set(innerType.getFieldName(i), field(inner, i));
    }
    return object;
  }

  /** Of three levels, {@code list { element }}, as the format wants it, or of two, as old writers made them. */
  private static JsonNode list(Group list) {
    Type repeated = list.getType().getType(0);
    boolean wrapped =
        !repeated.isPrimitive()
            && repeated.asGroupType().getFieldCount() == 1
            && !repeated.getName().equals("array")
            && !repeated.getName().endsWith("_tuple");
    if (!wrapped) {
      return field(list, 0);
    }
    ArrayNode array = NODES.arrayNode();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      array.add(field(list.getGroup(0, i), 0));
    }
    return array;
  }

  private static JsonNode primitive(Group group, int field, int index, PrimitiveType type) {
    LogicalTypeAnnotation meaning = type.getLogicalTypeAnnotation();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> NODES.booleanNode(group.getBoolean(field, index));
      case FLOAT -> real(group.getFloat(field, index));
      case DOUBLE -> real(group.getDouble(field, index));
      case INT32 -> integer(group.getInteger(field, index), meaning, 32);
      case INT64 -> integer(group.getLong(field, index), meaning, 64);
      case INT96 -> binary(group.getInt96(field, index).getBytes(), null);
      case BINARY, FIXED_LEN_BYTE_ARRAY -> binary(group.getBinary(field, index).getBytes(), meaning);
    };
  }

  private static JsonNode real(float value) {
    return Float.isFinite(value) ? NODES.numberNode(value) : NODES.nullNode();
  }

  private static JsonNode real(double value) {
    return Double.isFinite(value) ? NODES.numberNode(value) : NODES.nullNode();
  }

  private static JsonNode integer(long value, LogicalTypeAnnotation meaning, int bits) {
    return switch (meaning) {
      case IntLogicalTypeAnnotation type when !type.isSigned() && bits == 32 -> NODES.numberNode(value & 0xffffffffL);
      case IntLogicalTypeAnnotation type when !type.isSigned() ->
          NODES.numberNode(new BigInteger(Long.toUnsignedString(value)));
      case DecimalLogicalTypeAnnotation type -> NODES.numberNode(BigDecimal.valueOf(value, type.getScale()));
      case DateLogicalTypeAnnotation _ -> NODES.stringNode(LocalDate.ofEpochDay(value).toString());
      case TimestampLogicalTypeAnnotation type -> NODES.stringNode(time(value, type.getUnit()).toString());
      case null, default -> NODES.numberNode(value);
    };
  }

  private static Instant time(long value, LogicalTypeAnnotation.TimeUnit unit) {
    return switch (unit) {
      case MILLIS -> Instant.EPOCH.plus(value, ChronoUnit.MILLIS);
      case MICROS -> Instant.EPOCH.plus(value, ChronoUnit.MICROS);
      case NANOS -> Instant.EPOCH.plus(value, ChronoUnit.NANOS);
    };
  }

  private static JsonNode binary(byte[] bytes, LogicalTypeAnnotation meaning) {
    if (meaning instanceof DecimalLogicalTypeAnnotation type && bytes.length > 0) {
      return NODES.numberNode(new BigDecimal(new BigInteger(bytes), type.getScale()));
    }
    try {
      return NODES.stringNode(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return NODES.stringNode(Base64.getEncoder().encodeToString(bytes));
    }
  }
}
