package kiln.data.stamps;

import java.nio.file.Path;
import java.util.List;

/**
 * A stamp.
 *
 * @param name path below the folder of all stamps, without an ending
 * @param image its picture file
 * @param captions in the order of the file
 */
record Stamp(String name, Path image, List<Caption> captions) {
  /**
   * What it shows, in one language.
   *
   * @param number of its line in the file, from 0
   */
  record Caption(int number, String language, String text) {}
}
