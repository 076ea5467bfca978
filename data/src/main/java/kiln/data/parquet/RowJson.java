package kiln.data.parquet;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values of a row as JSON: numbers as they are (what is no finite number as null), text, dates and times in ISO 8601, bytes that
 * are no UTF-8 in Base64, lists as arrays, groups and maps as objects.
 */
final class RowJson {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  /** The Julian day on which 1970 began. */
  private static final long JULIAN_EPOCH = 2_440_588;

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
    if (type.getLogicalTypeAnnotation() instanceof MapLogicalTypeAnnotation && isMap(innerType)) {
      return map(inner);
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

  /** {@code repeated group key_value { key; value }}. */
  private static boolean isMap(GroupType type) {
    return type.getFieldCount() == 1
        && !type.getType(0).isPrimitive()
        && type.getType(0).isRepetition(Type.Repetition.REPEATED)
        && type.getType(0).asGroupType().getFieldCount() == 2
        && type.getType(0).asGroupType().getType(0).isPrimitive();
  }

  private static JsonNode map(Group map) {
    ObjectNode object = NODES.objectNode();
    for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
      Group entry = map.getGroup(0, i);
      object.set(field(entry, 0).asString(), field(entry, 1));
    }
    return object;
  }

  private static JsonNode primitive(Group group, int field, int index, PrimitiveType type) {
    LogicalTypeAnnotation meaning = type.getLogicalTypeAnnotation();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> NODES.booleanNode(group.getBoolean(field, index));
      case FLOAT -> real(group.getFloat(field, index));
      case DOUBLE -> real(group.getDouble(field, index));
      case INT32 -> integer(group.getInteger(field, index), meaning, 32);
      case INT64 -> integer(group.getLong(field, index), meaning, 64);
      case INT96 -> NODES.stringNode(int96(group.getInt96(field, index).getBytes()).toString());
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
      case TimeLogicalTypeAnnotation type ->
          NODES.stringNode(LocalTime.MIDNIGHT.plus(value, unit(type.getUnit())).toString());
      case null, default -> NODES.numberNode(value);
    };
  }

  private static Instant time(long value, LogicalTypeAnnotation.TimeUnit unit) {
    return Instant.EPOCH.plus(value, unit(unit));
  }

  private static ChronoUnit unit(LogicalTypeAnnotation.TimeUnit unit) {
    return switch (unit) {
      case MILLIS -> ChronoUnit.MILLIS;
      case MICROS -> ChronoUnit.MICROS;
      case NANOS -> ChronoUnit.NANOS;
    };
  }

  /** Nanoseconds of the day, int64, and Julian day, int32, as Impala and Spark have written times. */
  private static Instant int96(byte[] bytes) {
    ByteBuffer value = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long nanos = value.getLong();
    return Instant.EPOCH.plus(value.getInt() - JULIAN_EPOCH, ChronoUnit.DAYS).plusNanos(nanos);
  }

  private static JsonNode binary(byte[] bytes, LogicalTypeAnnotation meaning) {
    if (meaning instanceof DecimalLogicalTypeAnnotation type && bytes.length > 0) {
      return NODES.numberNode(new BigDecimal(new BigInteger(bytes), type.getScale()));
    }
    if (meaning instanceof UUIDLogicalTypeAnnotation && bytes.length == 16) {
      ByteBuffer halves = ByteBuffer.wrap(bytes);
      return NODES.stringNode(new UUID(halves.getLong(), halves.getLong()).toString());
    }
    if (meaning instanceof Float16LogicalTypeAnnotation && bytes.length == 2) {
      return real(Float.float16ToFloat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getShort()));
    }
    try {
      return NODES.stringNode(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return NODES.stringNode(Base64.getEncoder().encodeToString(bytes));
    }
  }
}
