package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.encoded.EncodedManifest;
import kiln.data.encoded.EncodedReader;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Manifest;
import kiln.data.queue.PartCheck;
import kiln.data.queue.Preparation;
import kiln.data.queue.Split;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln data verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads every byte of a data set and compares every block's checksum.",
      "",
      "Of one that is not finished it says how much of it is sound; its preparation may be running."
    })
final class VerifyCommand implements Runnable {
  @Parameters(paramLabel = "DIR", description = "The data set.")
  private Path folder;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (EncodedManifest.isIn(folder)) {
      verifyEncoded(out);
    } else if (!Files.exists(folder.resolve(Manifest.FILE)) && Preparation.read(folder).isPresent()) {
      unfinished(out);
    } else {
      finished(out);
    }
    out.flush();
  }

  private void finished(PrintWriter out) {
    Manifest manifest = Manifest.read(folder);
    for (Split split : Split.values()) {
      if (manifest.splits().containsKey(split.folder())) {
        try (BatchReader reader = BatchReader.open(folder, split)) {
          reader.verify(blocks -> {});
          out.println(split.folder() + ": " + reader.numBlocks() + " blocks, " + reader.numSamples() + " samples, all sound");
        }
      }
    }
  }

  private void unfinished(PrintWriter out) {
    List<PartCheck> checks = PartCheck.all(folder);
    for (PartCheck check : checks) {
      String torn = check.torn() ? "; behind them a record that is not complete, which does not count" : "";
      out.println(check.name() + ": " + check.blocks() + " blocks, " + check.samples() + " samples, sound" + torn);
      check.damaged().forEach(out::println);
    }
    long damaged = checks.stream().mapToLong(check -> check.damaged().size()).sum();
    String line = folder + ": not finished";
    if (damaged > 0) {
      out.flush();
      throw new UserException(
          line + ", and " + damaged + " blocks are damaged: the command that was making it makes their samples again");
    }
    out.println(line + "; the command that was making it goes on with it");
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
  }
}
