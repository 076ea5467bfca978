package kiln.collectives.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import kiln.bindings.Region;
import kiln.collectives.Collective;
import kiln.collectives.Communicator;
import kiln.collectives.ForwardingCommunicator;
import kiln.collectives.ForwardingPending;
import kiln.collectives.HostMemory;
import kiln.collectives.Pending;
import kiln.collectives.Shard;

/**
 * Lets programs for the host's memory use a communicator of a device's: what an operation reads is brought to the device before, what
 * it writes is fetched when it is awaited.
 */
public final class OnDevice extends ForwardingCommunicator {
  private final TestDevice device;
  private final boolean ownsDevice;
  private final IntPredicate which;
  private final List<Region> regions; // of operations that have not been awaited well
  private int issued;

  private OnDevice(
      Communicator inner, TestDevice device, boolean ownsDevice, IntPredicate which, List<Region> regions) {
    super(inner);
    this.device = device;
    this.ownsDevice = ownsDevice;
    this.which = which;
    this.regions = regions;
  }

  /**
   * @param device is closed with the result, as is {@code inner}
   * @param which operations are done on the device, counted from 0; others stay in the host's memory
   */
  public static OnDevice of(Communicator inner, TestDevice device, IntPredicate which) {
    return new OnDevice(inner, device, true, which, new ArrayList<>());
  }

  /** An operation's memory on the device, and where it belongs in the host's. */
  private final class Place {
    private final Region region;
    private final MemorySegment host;
    private final MemorySegment result; // in the host's memory

    Place(MemorySegment host, MemorySegment result) {
      this.host = host;
      this.result = result;
      this.region = device.allocate("operands of a test", host.byteSize());
      regions.add(region);
    }

    MemorySegment on(MemorySegment part) {
      return region.segment().asSlice(part.address() - host.address(), part.byteSize());
    }

    void send() {
      device.write(host, region.segment());
    }

    void fetch() {
      device.read(on(result), result);
    }
  }

  @Override
  public Pending start(Collective collective) {
    HostMemory.check(collective, rank(), size());
    return isMoved(collective) ? move(collective) : inner.start(collective);
  }

  @Override
  public void run(Collective collective) {
    HostMemory.check(collective, rank(), size());
    if (isMoved(collective)) {
      move(collective).await();
    } else {
      inner.run(collective); // on this thread if it can, as programs with memory of their own thread want it
    }
  }

  private boolean isMoved(Collective collective) {
    return which.test(issued++) && !(collective instanceof Collective.Barrier);
  }

  private Pending move(Collective collective) {
    List<Place> places = new ArrayList<>();
    Collective moved =
        switch (collective) {
          case Collective.AllReduce c -> {
            MemorySegment[] ends = move(c.input().asSlice(0, c.bytes()), c.output().asSlice(0, c.bytes()), places);
            yield new Collective.AllReduce(ends[0], ends[1], c.count(), c.type(), c.reduction());
          }
          case Collective.ReduceScatter c -> {
            long share = Shard.of(c.count(), rank(), size()).count() * c.type().bytes();
            MemorySegment[] ends = move(c.input().asSlice(0, c.bytes()), c.output().asSlice(0, share), places);
            yield new Collective.ReduceScatter(ends[0], ends[1], c.count(), c.type(), c.reduction());
          }
          case Collective.AllGather c -> {
            long share = Shard.of(c.count(), rank(), size()).count() * c.type().bytes();
            MemorySegment[] ends = move(c.input().asSlice(0, share), c.output().asSlice(0, c.bytes()), places);
            yield new Collective.AllGather(ends[0], ends[1], c.count(), c.type());
          }
          case Collective.Broadcast c -> {
            MemorySegment data = c.data().asSlice(0, c.bytes());
            places.add(new Place(data, data));
            yield new Collective.Broadcast(places.getFirst().on(data), c.count(), c.type(), c.root());
          }
          case Collective.Barrier c -> c;
        };
    places.forEach(Place::send);
    return new Fetching(inner.start(moved), places);
  }

  /** Input and output, in one place if one lies in the other. */
  private MemorySegment[] move(MemorySegment input, MemorySegment output, List<Place> places) {
    long start = Math.min(input.address(), output.address());
    long end = Math.max(input.address() + input.byteSize(), output.address() + output.byteSize());
    if (end - start == Math.max(input.byteSize(), output.byteSize())) {
      MemorySegment larger = input.byteSize() >= output.byteSize() ? input : output;
      places.add(new Place(larger, output));
      return new MemorySegment[] {places.getFirst().on(input), places.getFirst().on(output)};
    }
    places.add(new Place(input, input.asSlice(0, 0)));
    places.add(new Place(output, output));
    return new MemorySegment[] {places.getFirst().on(input), places.getLast().on(output)};
  }

  private final class Fetching extends ForwardingPending {
    private final List<Place> places;

    Fetching(Pending moved, List<Place> places) {
      super(moved);
      this.places = places;
    }

    @Override
    public void await() {
      operation.await();
      for (Place place : places) {
        place.fetch();
      }
      operation.await(); // what has failed while the host waited
      check();
      for (Place place : places) {
        regions.remove(place.region);
        place.region.close();
      }
      places.clear();
    }
  }

  @Override
  public OnDevice split(int color) {
    return new OnDevice(inner.split(color), device, false, which, regions);
  }

  @Override
  public void close() {
    inner.close();
    if (ownsDevice) {
      device.queue().context().makeCurrent();
      regions.forEach(Region::close);
      device.close();
    }
  }
}
