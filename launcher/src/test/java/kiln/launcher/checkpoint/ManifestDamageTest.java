package kiln.launcher.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifest vouches for every other file, and nothing for it: what is wrong in it has to show by what it says. */
class ManifestDamageTest {
  @TempDir Path temporary;

  @Test
  void shouldFindFlippedBitsOfVersionAndStep() throws IOException {
    Path run = TinyRuns.copy(TinyRuns.finished(), temporary.resolve("run"));
    Path checkpoint = RunFiles.checkpoint(run, 12);
    Path file = checkpoint.resolve(CheckpointManifest.FILE);
    byte[] whole = Files.readAllBytes(file);
    assertEquals(Optional.empty(), CheckpointChoice.damage(checkpoint));
    int files = new String(whole, StandardCharsets.UTF_8).indexOf("\"files\"");
    assertTrue(files > 0);
    for (int i = 0; i < files; i++) {
      boolean digit = Character.isDigit(whole[i]);
      for (int bit = digit ? 0 : i % Byte.SIZE; bit < Byte.SIZE; bit += digit ? 1 : Byte.SIZE) {
        byte[] flipped = whole.clone();
        flipped[i] ^= (byte) (1 << bit);
        Files.write(file, flipped);
        String line = CheckpointChoice.damage(checkpoint).orElse("none, of bit " + bit + " of byte " + i);
        assertTrue(line.contains(CheckpointManifest.FILE) && line.lines().count() == 1, line);
      }
    }
  }
}
