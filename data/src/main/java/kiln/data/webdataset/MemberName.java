package kiln.data.webdataset;

import java.util.Locale;
import java.util.Optional;

/**
 * A member's name, which webdataset splits at the first dot of its last part.
 *
 * @param key with folders, without a leading {@code ./}
 * @param extension in lower case, without the dot; may hold more dots
 */
record MemberName(String key, String extension) {
  /** Empty for what belongs to no sample: names without an extension, hidden files, and {@code __meta__} ones. */
  static Optional<MemberName> of(String name) {
    String path = name;
    while (path.startsWith("./")) {
      path = path.substring(2);
    }
    int file = path.lastIndexOf('/') + 1;
    int dot = path.indexOf('.', file);
    boolean meta = path.startsWith("__", file) && path.endsWith("__");
    if (dot <= file || dot == path.length() - 1 || meta) {
      return Optional.empty();
    }
    return Optional.of(new MemberName(path.substring(0, dot), path.substring(dot + 1).toLowerCase(Locale.ROOT)));
  }
}
