package kiln.data.webdataset;

import java.io.InputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import kiln.data.source.RawSample;
import kiln.data.source.UnusableException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** Makes samples of a shard's members: those that follow each other and share a key are one sample. */
final class ShardReader {
  private final String location;
  private final String prefix;
  private final WebDatasetOptions options;
  private final ShardSink sink;
  private final Set<String> seen = new HashSet<>();
  private SampleParts parts;

  /**
   * @param location of the shard
   * @param prefix of its samples' keys
   */
  ShardReader(String location, String prefix, WebDatasetOptions options, ShardSink sink) {
    this.location = location;
    this.prefix = prefix;
    this.options = options;
    this.sink = sink;
  }

  /** Reads to the end, or to where it cannot be read any more, which is one thing left out. */
  void read(InputStream shard) throws InterruptedException {
    boolean between = true; // two members
    try {
      TarMembers members = new TarMembers(shard, location);
      for (TarArchiveEntry entry = members.next(); entry != null; entry = members.next()) {
        Optional<MemberName> name = entry.isDirectory() ? Optional.empty() : MemberName.of(entry.getName());
        if (name.isPresent()) {
          between = false;
          add(entry, name.get(), members);
          between = true;
        }
      }
      finish();
    } catch (UnusableException rest) {
      if (between && parts != null && parts.isWhole()) {
        finish();
      }
      sink.leftOut(rest);
    }
  }

  private void add(TarArchiveEntry entry, MemberName name, TarMembers members)
      throws InterruptedException, UnusableException {
    if (parts == null || !parts.key().equals(name.key())) {
      finish();
      parts = new SampleParts(name.key(), location);
      if (!seen.add(name.key())) {
        parts.refuse(Defects.REPEATED, OneLine.of(name.key()) + ": has come before, with others in between");
      }
    }
    parts.add(entry, name.extension(), members, options.maxPictureBytes());
  }

  private void finish() throws InterruptedException {
    SampleParts done = parts;
    parts = null;
    if (done != null) {
      RawSample sample;
      try {
        sample = done.sample(prefix, options.captionFields());
      } catch (UnusableException e) {
        sink.leftOut(e);
        return;
      }
      sink.sample(sample);
    }
  }
}
