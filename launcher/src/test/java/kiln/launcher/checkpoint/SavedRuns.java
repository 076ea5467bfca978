package kiln.launcher.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.TinyRuns;
import kiln.model.weights.SafetensorsFile;

/** Runs of four steps with a checkpoint of each, made by real ranks, once, when first asked for; and what damages them. */
final class SavedRuns {
  static final String UNET = "unet/diffusion_pytorch_model";

  private static final Map<String, Path> MADE = new HashMap<>();

  private SavedRuns() {}

  /** By one rank. Copy it before you change it. */
  static Path one() {
    return make("one");
  }

  /** By two ranks that each keep everything. */
  static Path two() {
    return make("two", "--ranks", "2");
  }

  /** By two ranks that divide every tensor. */
  static Path divided() {
    return make("divided", "--ranks", "2", "--shard", "parameters");
  }

  private static synchronized Path make(String name, String... options) {
    return MADE.computeIfAbsent(name, n -> {
      Path folder = TinyRuns.data().resolveSibling("saved-" + n);
      List<String> more = new ArrayList<>(List.of("--steps", "4", "--save-every", "1", "--keep", "9"));
      more.addAll(List.of(options));
      KilnProcess.run(TinyRuns.train(folder, more.toArray(String[]::new))).assertOk();
      return folder;
    });
  }

  /** Turns over one bit of a file. */
  static void flip(Path file, long at) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 4));
      channel.write(one.rewind(), at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Turns over one bit of the last number of a tensor. */
  static void flip(Path file, String tensor) {
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      flip(file, open.tensors().get(tensor).offset() + open.tensors().get(tensor).bytes() - 2);
    }
  }

  /** Turns over one bit of the last number of the file's first tensor, whose name is returned. */
  static String flipFirst(Path file) {
    String tensor;
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      tensor = open.tensors().keySet().iterator().next();
    }
    flip(file, tensor);
    return tensor;
  }

  static void truncate(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Declares a folder that has been changed a checkpoint again. */
  static void seal(Path checkpoint, long step) {
    try {
      Files.deleteIfExists(checkpoint.resolve(CheckpointManifest.FILE));
      CheckpointManifest.of(checkpoint, step).write(checkpoint);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
