package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import kiln.data.encoded.EncodedManifest;
import kiln.data.encoded.EncodedReader;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Manifest;
import kiln.data.queue.Split;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln data verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Reads every byte of a data set and compares every block's checksum.")
final class VerifyCommand implements Runnable {
  @Parameters(paramLabel = "DIR", description = "The data set.")
  private Path folder;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (EncodedManifest.isIn(folder)) {
      verifyEncoded(out);
      return;
    }
    Manifest manifest = Manifest.read(folder);
    for (Split split : Split.values()) {
      if (manifest.splits().containsKey(split.folder())) {
        try (BatchReader reader = BatchReader.open(folder, split)) {
          reader.verify(blocks -> {});
          out.println(split.folder() + ": " + reader.numBlocks() + " blocks, " + reader.numSamples() + " samples, all sound");
        }
      }
    }
    out.flush();
  }

  private void verifyEncoded(PrintWriter out) {
    for (Split split : Split.values()) {
      if (EncodedManifest.read(folder).splits().containsKey(split.folder())) {
        try (EncodedReader reader = EncodedReader.open(folder, split)) {
          reader.verify(blocks -> {});
          out.println(
              split.folder() + ": " + reader.numBlocks() + " blocks, " + reader.numSamples() + " encoded samples, all sound");
        }
      }
    }
    out.flush();
  }
}
