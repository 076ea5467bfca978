package kiln.launcher.bundle;

/**
 * A part of a bundle.
 *
 * @param files number of them
 * @param bytes of the files
 * @param packedBytes of the archive
 */
public record BundlePart(String name, int files, long bytes, long packedBytes) {}
