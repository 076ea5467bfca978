package kiln.launcher.encode;

import java.nio.file.Path;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.preset.Precision;

/**
 * What the user asks for.
 *
 * @param data a finished data set's folder
 * @param vae run, checkpoint or folder with the trained autoencoder
 * @param textEncoder run, checkpoint or folder with the text encoder that training will leave as it is; null to encode pictures
 *     only
 * @param out the folder to make
 * @param ranks number of processes
 * @param precision what the networks compute in
 * @param backend which kernels compute, and on what device; not auto
 * @param command the command line, which goes on after an interruption
 */
public record EncodeRequest(
    Path data,
    Path vae,
    Path textEncoder,
    Path out,
    int ranks,
    Precision precision,
    BackendChoice backend,
    String command) {}
