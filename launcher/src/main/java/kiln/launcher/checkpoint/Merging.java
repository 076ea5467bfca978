package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.bindings.UserException;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.WeightFiles;
import kiln.model.weights.WeightSource;

/**
 * Writes a checkpoint anew with every set of tensors in one file, as if one rank had written it: libraries that know nothing of pieces
 * can load the folder, and training goes on from it as it would from the other.
 */
public final class Merging {
  private final Path checkpoint;
  private final CheckpointManifest manifest;

  /**
   * Reads every byte of the checkpoint, so that damage does not get checksums of its own.
   *
   * @throws UserException if it is damaged, or no checkpoint
   */
  public Merging(Path checkpoint) {
    this.checkpoint = checkpoint;
    Verification verification = Verification.of(checkpoint);
    if (!verification.damage().isEmpty()) {
      throw new UserException(verification.damage().getFirst());
    }
    this.manifest = CheckpointManifest.read(checkpoint);
  }

  /** How many sets of tensors lie in several files. */
  public int numDivided() {
    return divided().size();
  }

  private Map<String, Path> divided() {
    Map<String, Path> divided = new TreeMap<>(StoredSets.of(manifest).weights());
    divided.values().removeIf(file -> !StoredSets.isIndex(file.toString()));
    return divided;
  }

  /**
   * Writes the new checkpoint, whole or not at all.
   *
   * @param to must not be there
   * @return its manifest
   * @throws UserException if {@code to} is there, lies in the checkpoint or is called as that of another step; or the file system
   *     refuses
   */
  public CheckpointManifest write(Path to) {
    Path target = to.toAbsolutePath().normalize();
    refuse(target);
    Path aside = target.resolveSibling("." + target.getFileName() + RunFolder.ASIDE);
    try {
      DurableFiles.deleteTree(aside);
      Files.createDirectories(aside);
      List<String> names = new ArrayList<>();
      for (String name : manifest.files().keySet()) {
        if (!StoredSets.isIndex(name) && !StoredSets.isJoined(manifest, name)) {
          Files.createDirectories(aside.resolve(name).getParent());
          DurableFiles.copy(checkpoint.resolve(name), aside.resolve(name));
          names.add(name);
        }
      }
      for (Map.Entry<String, Path> set : divided().entrySet()) {
        Path file = StoredSets.single(set.getKey());
        Files.createDirectories(aside.resolve(file).getParent());
        join(checkpoint.resolve(set.getValue()), aside.resolve(file));
        names.add(file.toString());
      }
      CheckpointManifest merged = CheckpointManifest.of(aside, manifest.step(), names);
      merged.write(aside);
      DurableFiles.rename(aside, target);
      return merged;
    } catch (IOException e) {
      discard(aside, e);
      throw new UserException(to + ": cannot be written (" + e.getMessage() + ")", e);
    } catch (RuntimeException e) {
      discard(aside, e);
      throw e;
    }
  }

  private void refuse(Path target) {
    if (Files.exists(target)) {
      throw new UserException(target + ": found something there, expected a place for a new folder");
    }
    if (target.startsWith(checkpoint.toAbsolutePath().normalize())) {
      throw new UserException(target + ": found in " + checkpoint + ", expected a place outside of what is merged");
    }
    long named = RunFolder.step(target);
    if (named >= 0 && named != manifest.step()) {
      throw new UserException(target + ": found the name of step " + named + ", expected that of step " + manifest.step());
    }
  }

  private static void join(Path index, Path into) {
    try (WeightSource source = WeightSource.open(index)) {
      List<SafetensorsWriter.Tensor> tensors = source.tensors().keySet().stream().map(source::tensor).toList();
      SafetensorsWriter.writeChecked(into, WeightFiles.METADATA, tensors);
    }
  }

  private static void discard(Path aside, Exception cause) {
    try {
      DurableFiles.deleteTree(aside);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
