package kiln.launcher.parallel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kiln.collectives.BucketLayout.Range;
import kiln.collectives.Shard;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;
import kiln.model.plan.Slices.Slice;
import kiln.model.train.StatePart;

/**
 * Which rank writes what of a training state to a checkpoint: every number once, and only what the rank keeps. What all ranks
 * keep they divide tensor by tensor, so that each lies whole in one file; of what they keep divided each writes its own share, and
 * groups that keep the same divide that once more.
 *
 * @param layout of the ranks' groups
 * @param ranks of all groups together
 */
public record ShardPlan(ParameterTable table, ShardLayout layout, int ranks) {
  /** Everything, by one rank. */
  public static ShardPlan ofOne(ParameterTable table) {
    return new ShardPlan(table, ShardLayout.of(ShardMode.NONE, table, ShardLayout.bucketBytes(table), 0, 1), 1);
  }

  /** What a rank writes of a part, in bytes of its region; of a tensor at most one slice. */
  public Slices slices(StatePart part, int rank) {
    boolean divided = part == StatePart.WEIGHTS ? layout.mode().dividesWeights() : layout.mode() != ShardMode.NONE;
    return new Slices(divided ? shares(rank) : tensors(rank));
  }

  /** The parts of a state that are saved. */
  public static List<StatePart> parts(boolean averaged) {
    return averaged
        ? List.of(StatePart.values())
        : List.of(StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT);
  }

  /** Bytes of all parts that the rank writes which writes most. */
  public long mostBytes(boolean averaged) {
    long most = 0;
    for (int rank = 0; rank < ranks; rank++) {
      long bytes = 0;
      for (StatePart part : parts(averaged)) {
        bytes += slices(part, rank).bytes();
      }
      most = Math.max(most, bytes);
    }
    return most;
  }

  /** Neighbouring tensors: those whose middle lies in the rank's part of all bytes. */
  private List<Slice> tensors(int rank) {
    List<Slice> slices = new ArrayList<>();
    for (ParameterTable.Entry entry : table.entries()) {
      double middle = (entry.offset() + 0.5 * entry.bytes()) / table.bytes();
      if ((int) (middle * ranks) == rank) {
        slices.add(new Slice(entry.offset(), entry.bytes()));
      }
    }
    return slices;
  }

  private List<Slice> shares(int rank) {
    int groups = ranks / layout.size();
    ShardLayout ofRank = new ShardLayout(layout.mode(), layout.buckets(), rank % layout.size(), layout.size());
    List<Slice> slices = new ArrayList<>();
    for (Range bucket : layout.buckets().buckets()) {
      Range share = ofRank.share(bucket);
      Shard part = Shard.of(share.count(), rank / layout.size(), groups);
      if (part.count() > 0) {
        slices.add(new Slice(share.offset() + part.offset() * Float.BYTES, part.count() * Float.BYTES));
      }
    }
    slices.sort(Comparator.comparingLong(Slice::offset));
    return slices;
  }
}
