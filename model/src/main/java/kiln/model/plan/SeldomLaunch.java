package kiln.model.plan;

import java.util.List;
import kiln.bindings.MappedPages;

/**
 * A launch that runs seldom, and gives back the pages of files that nobody reads until it runs again: keys and values of a text,
 * for example, are computed once for many steps of a sampler, from weights that are a tenth of all.
 *
 * @param weights that this launch is the last one to read
 */
record SeldomLaunch(Launch launch, List<Buffer> weights) implements Launch {
  @Override
  public void run() {
    launch.run();
    for (Buffer weight : weights) {
      MappedPages.release(weight.segment());
    }
  }

  @Override
  public long keptBytes() {
    return launch.keptBytes();
  }

  @Override
  public void close() {
    launch.close();
  }
}
