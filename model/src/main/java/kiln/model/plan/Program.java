package kiln.model.plan;

import java.util.List;

/**
 * What a {@link PlanRunner} runs.
 *
 * @param launches in order
 * @param infos what each of them is
 * @param steadyLaunches how many, the first ones, follow from steady inputs and constants alone
 * @param stops ascending numbers of launches after which the work of this process among them must have been done: launches that hear of
 *     others may do so later, but not after the next of these; with {@code steadyLaunches}, and all, at the end
 * @param inputs to bring before a run, if tensors are not in the memory of this process
 * @param outputs to fetch after it
 */
public record Program(
    List<Launch> launches,
    List<LaunchInfo> infos,
    int steadyLaunches,
    List<Integer> stops,
    List<Transfer> inputs,
    List<Transfer> outputs) {
  /**
   * A tensor that the caller reads or writes in the memory of this process.
   *
   * @param host where the caller has it; inputs may be bound anew before each run
   * @param device where launches have it
   * @param steady whether it changes only when a run begins with the first launch
   */
  public record Transfer(Buffer host, Buffer device, boolean steady) {}

  public Program {
    launches = List.copyOf(launches);
    infos = List.copyOf(infos);
    stops = List.copyOf(stops);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
