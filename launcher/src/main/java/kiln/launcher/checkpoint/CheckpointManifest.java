package kiln.launcher.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
import kiln.model.weights.SafetensorsChecksums;
import kiln.model.weights.WeightFinder;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * manifest.json: every file of a checkpoint with its size and a CRC-32C. Of a safetensors file it is that of the header, which holds
 * those of the tensors; of others, that of the whole file. It is written last: a folder without it is no checkpoint.
 *
 * @param formatVersion {@link #VERSION}
 * @param step updates made
 * @param files by path in the checkpoint, with {@code /}
 */
public record CheckpointManifest(int formatVersion, long step, Map<String, Entry> files) {
  public static final int VERSION = 2;
  public static final String FILE = "manifest.json";

  /**
   * One file.
   *
   * @param bytes of it
   * @param crc32c eight hexadecimal digits
   */
  public record Entry(long bytes, String crc32c) {}

  public CheckpointManifest {
    files = new TreeMap<>(files);
  }

  /**
   * Of files that lie in {@code checkpoint}.
   *
   * @throws UserException if one is not there
   */
  static CheckpointManifest of(Path checkpoint, long step, Collection<String> files) throws IOException {
    Map<String, Entry> entries = new TreeMap<>();
    for (String name : files) {
      Path file = checkpoint.resolve(name);
      if (!Files.isRegularFile(file)) {
        throw new UserException(
            file + ": not there for rank 0, though another rank has written it; --out must be on a file system that all ranks have");
      }
      entries.put(name, new Entry(Files.size(file), checksum(file)));
    }
    return new CheckpointManifest(VERSION, step, entries);
  }

  /** Of all files that lie in {@code checkpoint}, which is thereby declared whole. */
  public static CheckpointManifest of(Path checkpoint, long step) throws IOException {
    try (Stream<Path> tree = Files.walk(checkpoint)) {
      return of(
          checkpoint,
          step,
          tree.filter(Files::isRegularFile).map(f -> name(checkpoint, f)).filter(name -> !name.equals(FILE)).toList());
    }
  }

  private static String name(Path checkpoint, Path file) {
    return checkpoint.relativize(file).toString().replace('\\', '/');
  }

  private static String checksum(Path file) throws IOException {
    if (file.toString().endsWith(WeightFinder.SUFFIX)) {
      return hex(SafetensorsChecksums.headerCrc32c(file));
    }
    CRC32C crc = new CRC32C();
    crc.update(Files.readAllBytes(file)); // configurations: some kilobytes
    return hex((int) crc.getValue());
  }

  private static String hex(int crc) {
    return HexFormat.of().toHexDigits(crc);
  }

  /** Bytes of all files. */
  public long bytes() {
    return files.values().stream().mapToLong(Entry::bytes).sum();
  }

  /** Makes the folder a checkpoint: whoever looks sees it whole or not at all, also after the power failed. */
  public void write(Path checkpoint) throws IOException {
    DurableFiles.forceTree(checkpoint);
    Path aside = checkpoint.resolve(FILE + RunFolder.ASIDE);
    Files.deleteIfExists(aside);
    DurableFiles.write(aside, PresetJson.MAPPER.writeValueAsBytes(this));
    DurableFiles.rename(aside, checkpoint.resolve(FILE));
  }

  /**
   * @throws UserException if it is absent, unreadable, of another version, or names a file outside of its folder
   */
  public static CheckpointManifest read(Path checkpoint) {
    Path file = checkpoint.resolve(FILE);
    try {
      if (!Files.isRegularFile(file)) {
        throw new UserException(checkpoint + ": no " + FILE + ": it was not written to its end");
      }
      JsonNode json = PresetJson.MAPPER.readTree(file);
      JsonNode version = json.path("format_version");
      if (!version.isInt() || version.intValue() != VERSION) {
        throw new UserException(file + ": format_version: expected " + VERSION + ", found " + version);
      }
      CheckpointManifest manifest = PresetJson.MAPPER.treeToValue(json, CheckpointManifest.class);
      for (Map.Entry<String, Entry> entry : manifest.files.entrySet()) {
        checkInside(file, checkpoint, entry.getKey());
        if (entry.getValue() == null || entry.getValue().crc32c == null) {
          throw new UserException(file + ": " + entry.getKey() + ": expected bytes and crc32c, found " + entry.getValue());
        }
      }
      return manifest;
    } catch (JacksonException e) {
      String what = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new UserException(file + ": not a readable manifest (" + what + ")", e);
    } catch (InvalidPathException e) {
      throw new UserException(file + ": expected paths inside of the checkpoint, found " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** A manifest from elsewhere must not make this process read, or prune delete, anything but the checkpoint. */
  private static void checkInside(Path manifest, Path checkpoint, String name) throws IOException {
    Path path = Path.of(name);
    boolean plain =
        !name.isEmpty() && !path.isAbsolute() && path.normalize().equals(path) && !path.startsWith("..") && name.indexOf('\\') < 0;
    if (!plain) {
      throw new UserException(manifest + ": expected paths inside of the checkpoint, found " + name);
    }
    Path file = checkpoint.resolve(path);
    if (Files.exists(file) && !file.toRealPath().startsWith(checkpoint.toRealPath())) {
      throw new UserException(manifest + ": expected files inside of the checkpoint, found a link that leaves it: " + name);
    }
  }

  /** All that is wrong with any byte, one line per file; empty if nothing is. Reads all files, some of them at the same time. */
  public List<String> allDamage(Path checkpoint) {
    return damages(checkpoint, true).toList();
  }

  /** What is wrong with sizes and headers, which is quickly seen; empty if nothing is. */
  public Optional<String> damage(Path checkpoint) {
    return firstDamage(checkpoint, false);
  }

  /** What is wrong with any byte; empty if nothing is. Reads all files, some of them at the same time. */
  public Optional<String> damageOfAnyByte(Path checkpoint) {
    return firstDamage(checkpoint, true);
  }

  private Optional<String> firstDamage(Path checkpoint, boolean whole) {
    return damages(checkpoint, whole).findFirst();
  }

  private Stream<String> damages(Path checkpoint, boolean whole) {
    return files.entrySet().parallelStream()
        .map(entry -> damage(checkpoint.resolve(entry.getKey()), entry.getValue(), whole))
        .filter(line -> !line.isEmpty());
  }

  /** In one line that names the file; empty if nothing is wrong. */
  private static String damage(Path file, Entry expected, boolean whole) {
    try {
      if (!Files.isRegularFile(file)) {
        return file + ": it is gone, though " + FILE + " names it";
      }
      if (Files.size(file) != expected.bytes) {
        return file + ": found " + Files.size(file) + " bytes, expected " + expected.bytes;
      }
      String found = checksum(file);
      if (!found.equals(expected.crc32c)) {
        return file + ": found checksum " + found + ", expected " + expected.crc32c;
      }
      if (whole && file.toString().endsWith(WeightFinder.SUFFIX)) {
        SafetensorsChecksums.verify(file, HexFormat.fromHexDigits(expected.crc32c));
      }
      return "";
    } catch (IOException e) {
      return file + ": cannot be read (" + e.getMessage() + ")";
    } catch (UserException e) {
      return e.getMessage();
    }
  }
}
