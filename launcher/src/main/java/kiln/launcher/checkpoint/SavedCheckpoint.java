package kiln.launcher.checkpoint;

import java.nio.file.Path;

/**
 * A checkpoint that is complete.
 *
 * @param bytes of all its files
 * @param seconds from the moment when its numbers stood still until it was durable
 */
public record SavedCheckpoint(Path path, long bytes, double seconds) {}
