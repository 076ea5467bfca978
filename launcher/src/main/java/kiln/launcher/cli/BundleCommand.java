package kiln.launcher.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.bundle.Bundle;
import kiln.launcher.bundle.BundlePart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln bundle}. */
@Command(
    name = "bundle",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes one archive with Kiln, its libraries and a Java runtime, for Linux machines (x86-64, glibc 2.34) that have no JDK.",
      "",
      "There: tar -xf kiln.tar.xz && kiln/kiln --help. All commands of ./kiln work, but those that build: build, test, bundle and"
          + " setup mpi. With --gpu, check.sh in it runs the checks on a GPU, and ./kiln bench the benchmarks.",
      "",
    })
final class BundleCommand implements Runnable {
  @Option(
      names = "--gpu",
      description = "Add the CUDA kernels, bench with the checks on a GPU, and the golden values that they compare with.")
  private boolean gpu;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Archive to write, replaced if it is there: .tar.xz, or .tar.gz, which is twice as large, for machines"
          + " without xz. Default: kiln.tar.xz, kiln-gpu.tar.xz.")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter err = spec.commandLine().getErr();
    Bundle bundle = new Bundle(gpu);
    Path archive = output == null ? bundle.usualArchive() : output;
    try {
      List<BundlePart> parts = bundle.write(archive, line -> err.println("kiln: " + line));
      print(parts, archive);
    } catch (IOException e) {
      throw new UserException("cannot write " + archive + ": " + e, e);
    }
  }

  private void print(List<BundlePart> parts, Path archive) throws IOException {
    TextTable table = new TextTable("part", "files>", "bytes unpacked>", "bytes in the archive>");
    parts.forEach(part -> table.add(part.name(), part.files(), part.bytes(), part.packedBytes()));
    int files = parts.stream().mapToInt(BundlePart::files).sum();
    table.add("all", files, parts.stream().mapToLong(BundlePart::bytes).sum(), Files.size(archive));
    PrintWriter out = spec.commandLine().getOut();
    table.print(out);
    out.println("wrote " + archive);
    out.flush();
  }
}
