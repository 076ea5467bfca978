package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.launcher.preset.PresetJson;
import tools.jackson.databind.node.ObjectNode;

/** Makes of the files that all ranks have written a checkpoint, on rank 0. */
final class CheckpointCompletion {
  private final RunFolder run;
  private final CheckpointShards shards;
  private final Retention retention;

  CheckpointCompletion(RunFolder run, CheckpointShards shards, Retention retention) {
    this.run = run;
    this.shards = shards;
    this.retention = retention;
  }

  /**
   * Writes what is not tensors, the manifest last, and deletes what need not stay.
   *
   * @return bytes of the checkpoint
   * @throws kiln.bindings.UserException if a file of another rank cannot be seen here
   */
  long complete(Path folder, Completion completion) throws IOException {
    List<Path> files = new ArrayList<>(shards.files());
    files.addAll(shards.writeIndices(folder));
    for (NetworkFiles network : completion.networks()) {
      for (boolean averaged : shards.isAveraged() ? new boolean[] {false, true} : new boolean[] {false}) {
        Path of = CheckpointLayout.network(folder, network.folder(), averaged);
        files.add(folder.relativize(network.writeConfig(Files.createDirectories(of))));
      }
    }
    for (Map.Entry<String, ObjectNode> document : completion.documents().entrySet()) {
      Path file = folder.resolve(document.getKey());
      Files.createDirectories(file.getParent());
      DurableFiles.write(file, PresetJson.MAPPER.writeValueAsBytes(document.getValue()));
      files.add(Path.of(document.getKey()));
    }
    DurableFiles.write(folder.resolve(TrainingRecord.FILE), completion.record().toJson());
    files.add(Path.of(TrainingRecord.FILE));
    List<String> names = files.stream().map(file -> file.toString().replace('\\', '/')).toList();
    CheckpointManifest manifest = CheckpointManifest.of(folder, completion.record().step(), names);
    manifest.write(folder);
    DurableFiles.force(folder.getParent());
    run.point(folder);
    run.prune(retention);
    return manifest.bytes();
  }
}
