package kiln.data.queue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * What lies in a part of a data set that is not finished.
 *
 * @param name of the part, its split first
 * @param blocks that are sound
 * @param samples that they hold, repeated ones included
 * @param torn whether a record was begun behind them and not completed
 * @param damaged lines that name what is not sound
 */
public record PartCheck(String name, long blocks, long samples, boolean torn, List<String> damaged) {
  /**
   * Reads every byte and compares every block's checksum. The parts may be growing meanwhile.
   *
   * @param folder of the data set
   */
  public static List<PartCheck> all(Path folder) {
    List<PartCheck> checks = new ArrayList<>();
    try {
      for (Split split : Split.values()) {
        for (Part part : Part.in(folder.resolve(split.folder()))) {
          if (Files.isRegularFile(part.file(folder.resolve(split.folder())))) {
            checks.add(of(folder, split, part));
          }
        }
      }
    } catch (IOException e) {
      throw new UserException(folder + ": cannot be listed: " + Manifest.firstLine(e));
    }
    return checks;
  }

  private static PartCheck of(Path folder, Split split, Part part) {
    long blocks = 0;
    long samples = 0;
    List<String> damaged = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      PartFile file = new PartFile(folder.resolve(split.folder()), part, arena);
      while (true) {
        try {
          Optional<PartFile.Stored> stored = file.next();
          if (stored.isEmpty()) {
            break;
          }
          if (stored.get().block().checksumHolds()) {
            blocks++;
            samples += stored.get().block().count();
          } else {
            damaged.add(stored.get().place() + " is damaged: its CRC-32C does not match its bytes");
          }
        } catch (PartFile.DamagedException e) {
          damaged.add(e.getMessage());
        }
      }
      if (file.end() == Frames.End.MALFORMED) {
        damaged.add(file.file() + ": its header at byte " + file.position() + " says more than the file holds");
      }
      return new PartCheck(split.folder() + "/" + part.folder(), blocks, samples, file.end() == Frames.End.TORN, damaged);
    }
  }
}
