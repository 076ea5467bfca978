package kiln.data.input;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What names files in the keys of their samples. */
public final class FileKeys {
  private FileKeys() {}

  /**
   * File names, where they tell the locations apart: keys stay the same when the files are moved to another folder or server. Else
   * the locations themselves.
   *
   * @return one for each location, in their order
   */
  public static List<String> of(List<String> locations) {
    List<String> names = locations.stream().map(location -> location.substring(location.lastIndexOf('/') + 1)).toList();
    Set<String> different = new HashSet<>(names);
    return different.size() == names.size() ? names : List.copyOf(locations);
  }
}
