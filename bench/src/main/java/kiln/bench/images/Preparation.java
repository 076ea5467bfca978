package kiln.bench.images;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.BucketTable;
import kiln.data.Sample;
import kiln.data.prepare.CaptionedSource;
import kiln.data.prepare.PreparationOptions;
import kiln.data.source.Drafts;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;

/** Kiln's side: what a thread of {@code ./kiln data} does with each file, up to the pixels where a batch has them. */
final class Preparation {
  private final CaptionedSource source;
  private final MemorySegment target;

  Preparation(List<byte[]> files, int side) {
    source = new CaptionedSource(new FileSource(files), PreparationOptions.defaults(BucketTable.square(side, 64)));
    target = Arena.ofAuto().allocate(3L * side * side);
  }

  /** Prepares all files once, on this thread. */
  double seconds() {
    long start = System.nanoTime();
    try (Drafts drafts = source.drafts(new SkipReport(true))) {
      while (drafts.hasNext()) {
        Sample sample = drafts.next().make();
        sample.pixels().writeTo(target);
      }
    } catch (UnusableException e) {
      throw new UserException(e.getMessage());
    }
    return (System.nanoTime() - start) * 1e-9;
  }
}
