package kiln.bench.gpu;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How measurements are written: snake_case names, nothing for what is missing. */
final class GpuJson {
  /** What processes of both sides read and print, an object to a line. */
  static final JsonMapper LINES = builder().build();

  /** What users read. */
  static final JsonMapper FILE = builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private GpuJson() {}

  private static JsonMapper.Builder builder() {
    return JsonMapper.builder()
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .changeDefaultPropertyInclusion(i -> i.withValueInclusion(JsonInclude.Include.NON_NULL));
  }
}
