package kiln.launcher.encode;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.encoded.EncodedManifest;
import kiln.data.encoded.Origin;
import kiln.data.queue.Manifest;
import kiln.launcher.checkpoint.DurableFiles;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.folder.ComponentKind;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnd;
import kiln.launcher.ranks.RankSupervisor;
import kiln.launcher.transfer.GivenModel;

/**
 * The process that the user starts: it refuses what cannot work, says how large the result will be, has ranks make the blocks
 * that are not there yet, reads all of them once more and gives the data set its name.
 */
public final class EncodeSupervisor {
  /** Java heap of a rank: what is large lies outside of it. */
  private static final int HEAP_MEGABYTES = 256;

  private final PrintStream out;
  private final PrintStream err;

  public EncodeSupervisor(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Encodes to the end, or until it is stopped; what is there already of an earlier attempt is kept.
   *
   * @return the exit status: {@link ExitStatus#STOPPED} if it was stopped in good order
   * @throws UserException if the request cannot work: no block has been made then
   */
  public int run(EncodeRequest request) {
    if (EncodedManifest.isIn(request.data())) {
      throw new UserException("option --data: " + request.data() + " is encoded already, expected a data set of pictures");
    }
    Manifest manifest = Manifest.read(request.data());
    Path target = request.out().toAbsolutePath().normalize();
    Path vae = GivenModel.open("--vae", request.vae()).require(NetworkFiles.VAE, ComponentKind.AUTOENCODER_KL).path();
    Path text = request.textEncoder() == null ? null : textEncoder(request.textEncoder());
    try (FrozenModels models = new FrozenModels(vae, text)) {
      checkFree(target);
      Origin origin =
          new Origin(
              request.data().toAbsolutePath().normalize().toString(),
              Origin.fingerprint(request.data()),
              models.vaeFingerprint(),
              models.textFingerprint(),
              request.precision().name().toLowerCase(Locale.ROOT));
      Files.createDirectories(target.getParent());
      EncodeJob job = new EncodeJob(request.data(), vae, text, null, origin, request.precision(), request.backend(), null);
      return run(request, manifest, target, models, job);
    } catch (IOException e) {
      throw new UserException(target + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static Path textEncoder(Path given) {
    ModelFolder source = GivenModel.open("--text-encoder", given);
    return source.require(NetworkFiles.TEXT_ENCODER, ComponentKind.T5_ENCODER, ComponentKind.T5).path();
  }

  private static void checkFree(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      try (var entries = Files.list(target)) {
        if (entries.findAny().isPresent()) {
          throw new UserException("option --out: " + target + " already holds files; expected a new or empty folder");
        }
      }
    } else if (Files.exists(target)) {
      throw new UserException("option --out: " + target + " is a file, expected a folder");
    }
  }

  private int run(EncodeRequest request, Manifest manifest, Path target, FrozenModels models, EncodeJob job)
      throws IOException {
    try (PartialFolder partial = PartialFolder.open(target, job.origin());
        EncodePlanning planning = plan(request, manifest, target, models, job, partial)) {
      if (planning.missing() > 0) {
        writeModels(partial, models);
        int status = encode(request, manifest, partial, planning, job);
        if (status != ExitStatus.OK && status != ExitStatus.STOPPED) {
          return status;
        }
      }
      if (planning.missing() > 0) {
        out.printf(
            "stopped: %d of %d blocks are there; go on with: %s%n", planning.blocks() - planning.missing(), planning.blocks(),
            request.command());
        return ExitStatus.STOPPED;
      }
      finish(request, manifest, target, partial, planning);
      return ExitStatus.OK;
    }
  }

  private EncodePlanning plan(
      EncodeRequest request, Manifest manifest, Path target, FrozenModels models, EncodeJob job, PartialFolder partial)
      throws IOException {
    EncodePlanning planning = null;
    try {
      planning = new EncodePlanning(job.data(), manifest, partial.path(), models, job.origin());
      planning.announce(out, request.ranks());
      checkRoom(target, planning, request.ranks());
      return planning;
    } catch (UserException e) {
      if (planning != null) {
        planning.close();
      }
      partial.refuse();
      throw e;
    }
  }

  private int encode(
      EncodeRequest request, Manifest manifest, PartialFolder partial, EncodePlanning planning, EncodeJob job)
      throws IOException {
    EncodeJob whole =
        new EncodeJob(
            job.data(), job.vae(), job.textEncoder(), partial.path(), job.origin(), job.precision(), job.backend(),
            planning.work());
    long missing = planning.missing();
    long start = System.nanoTime();
    int status = runRanks(whole, request);
    if (status == ExitStatus.OK) {
      double seconds = (System.nanoTime() - start) * 1e-9;
      planning.look();
      long samples = (missing - planning.missing()) * manifest.blockSize();
      out.printf(
          Locale.ROOT, "%d samples encoded in %.1f s, start and end of the ranks included: %.1f samples/s on %d rank%s%n",
          samples, seconds, samples / seconds, request.ranks(), request.ranks() == 1 ? "" : "s");
    }
    return status;
  }

  private static void checkRoom(Path target, EncodePlanning planning, int ranks) throws IOException {
    long usable = Files.getFileStore(target.getParent()).getUsableSpace();
    long needed = planning.needed(ranks);
    if (needed > usable) {
      throw new UserException(
          "option --out: " + target.getParent() + ": " + usable + " bytes free, what is to be encoded needs about " + needed);
    }
  }

  /** What training from the data set needs of them, and what its checkpoints will take along. */
  private static void writeModels(PartialFolder partial, FrozenModels models) throws IOException {
    for (String name : List.of(NetworkFiles.VAE, NetworkFiles.TEXT_ENCODER)) {
      DurableFiles.deleteTree(partial.path().resolve(name));
    }
    models.write(partial.path());
  }

  private int runRanks(EncodeJob job, EncodeRequest request) {
    try (RankSupervisor ranks = RankSupervisor.open(EncodeRank.class, request.ranks(), HEAP_MEGABYTES, err)) {
      out.flush();
      RankEnd end =
          ranks.run(
              folder -> {
                Path file = folder.resolve("job.json");
                job.write(file);
                return List.of(file.toString());
              });
      end.print(err, "all ranks have ended; go on with: " + request.command());
      return end.status();
    }
  }

  private void finish(
      EncodeRequest request, Manifest manifest, Path target, PartialFolder partial, EncodePlanning planning)
      throws IOException {
    if (!Origin.fingerprint(request.data()).equals(planning.origin().data())) {
      throw new UserException(request.data() + ": has changed while it was encoded; delete " + partial.path());
    }
    Map<String, EncodedManifest.Contents> splits = planning.finish();
    EncodedManifest.of(planning.origin(), manifest.blockSize(), splits).write(partial.path());
    partial.finish();
    splits.forEach((split, c) -> out.printf("%s: %d samples in %d blocks, %s%n", split, c.samples(), c.blocks(), c.buckets()));
    long size = EncodePlanning.folderBytes(target);
    out.printf(
        Locale.ROOT, "%s: ready, %s on disk (predicted %s)%n", request.out(), EncodePlanning.megabytes(size),
        EncodePlanning.megabytes(planning.predicted(request.ranks())));
    out.flush();
  }
}
