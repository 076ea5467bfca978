package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kiln.bindings.UserException;

/**
 * What reading every byte of a checkpoint has shown.
 *
 * @param numFiles that the manifest names
 * @param bytes of these files
 * @param damage one line per damaged file; empty if all are as they were written
 * @param seconds that it took
 */
public record Verification(Path checkpoint, int numFiles, long bytes, List<String> damage, double seconds) {
  private static final double NANO = 1e-9;

  /** Reads all files and compares all checksums. */
  public static Verification of(Path checkpoint) {
    long began = System.nanoTime();
    List<String> damage = new ArrayList<>();
    int files = 0;
    long bytes = 0;
    try {
      CheckpointManifest manifest = CheckpointManifest.read(checkpoint);
      files = manifest.files().size();
      bytes = manifest.bytes();
      damage.addAll(manifest.allDamage(checkpoint));
      damage.addAll(unnamed(checkpoint, manifest));
      if (damage.isEmpty()) {
        CheckpointEntry entry = CheckpointEntry.of(checkpoint);
        if (entry.state() == CheckpointEntry.State.DAMAGED) {
          damage.add(entry.problem());
        }
      }
    } catch (UserException e) {
      damage.add(e.getMessage());
    }
    return new Verification(checkpoint, files, bytes, List.copyOf(damage), (System.nanoTime() - began) * NANO);
  }

  /** Files that whoever reads the folder might take for a part of it. */
  private static List<String> unnamed(Path checkpoint, CheckpointManifest manifest) {
    try (Stream<Path> tree = Files.walk(checkpoint)) {
      return tree.filter(path -> !Files.isDirectory(path))
          .map(path -> checkpoint.relativize(path).toString())
          .filter(name -> name.endsWith(".safetensors") || name.endsWith(".json"))
          .filter(name -> !manifest.files().containsKey(name) && !name.equals(CheckpointManifest.FILE))
          .sorted()
          .map(name -> checkpoint.resolve(name) + ": found a file that " + CheckpointManifest.FILE + " does not name")
          .toList();
    } catch (IOException e) {
      return List.of(checkpoint + ": cannot be read (" + e.getMessage() + ")");
    }
  }
}
