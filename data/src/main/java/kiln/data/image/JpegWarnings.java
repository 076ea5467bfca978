package kiln.data.image;

/** What libjpeg, in the JDK as in the system, says of files that it could read in part. */
final class JpegWarnings {
  private JpegWarnings() {}

  /** Whether pixels are missing or wrong. Superfluous bytes between the parts of a file, and oddities of its header, do no harm. */
  static boolean isDamage(String warning) {
    return warning.contains("Premature end") || warning.contains("Corrupt JPEG data") && !warning.contains("extraneous");
  }
}
