package kiln.bindings;

import java.nio.file.Path;

/** Where fetched material, and what was built from it, is kept. */
public final class CacheFolder {
  private CacheFolder() {}

  /** {@code $KILN_CACHE}, or {@code $XDG_CACHE_HOME/kiln}, or {@code ~/.cache/kiln}. */
  public static Path path() {
    String own = System.getenv("KILN_CACHE");
    if (own != null && !own.isEmpty()) {
      return Path.of(own);
    }
    String shared = System.getenv("XDG_CACHE_HOME");
    Path base =
        shared != null && !shared.isEmpty() ? Path.of(shared) : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("kiln");
  }
}
