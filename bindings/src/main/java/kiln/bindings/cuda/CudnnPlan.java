package kiln.bindings.cuda;

import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_ENGINECFG_ENGINE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_ENGINEHEUR_DEVICEPROP;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_ENGINEHEUR_MODE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_ENGINEHEUR_RESULTS;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_ENGINE_GLOBAL_INDEX;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_ENGINE_NUMERICAL_NOTE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_ENGINE_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_HEUR_MODE_A;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_HEUR_MODE_FALLBACK;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_NUMERICAL_NOTE_TYPE_COUNT;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_STATUS_INTERNAL_ERROR_COMPILATION_FAILED;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_BACKEND_DESCRIPTOR;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_HEUR_MODE;
import static kiln.bindings.cuda.CudnnConstants.CUDNN_TYPE_NUMERICAL_NOTE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import kiln.bindings.NativeException;

/** A way to execute a {@link CudnnGraph} on a device, which belongs to the graph. */
public final class CudnnPlan {
  /** cuDNN's statuses of what it does not support: 3000 to 3999. */
  private static final int NOT_SUPPORTED = 3;

  private static final int STATUSES = 1000;

  private final CudnnGraph graph;
  private final CudnnDescriptor plan;
  private final long engine;
  private final boolean tensorCores;

  private CudnnPlan(CudnnGraph graph, CudnnDescriptor plan, long engine, boolean tensorCores) {
    this.graph = graph;
    this.plan = plan;
    this.engine = engine;
    this.tensorCores = tensorCores;
  }

  /** The best plan by cuDNN's estimate; empty if it has none under these conditions. See {@link #list}. */
  public static Optional<CudnnPlan> best(
      CudnnGraph graph, CudnnTarget target, CudnnNumerics numerics, long maxWorkspace) {
    return list(graph, target, numerics, maxWorkspace, 1).stream().findFirst();
  }

  /**
   * Plans, the best by cuDNN's estimate first. Making one can take a second, where cuDNN compiles a kernel for it.
   *
   * @param numerics what plans may do to numbers
   * @param maxWorkspace bytes of scratch memory that a plan may need
   * @param limit how many are wanted; there may be fewer, or none
   * @throws NativeException if kernels of all that there could be fail to compile, as they do where cuDNN finds no NVRTC
   */
  public static List<CudnnPlan> list(
      CudnnGraph graph, CudnnTarget target, CudnnNumerics numerics, long maxWorkspace, int limit) {
    List<CudnnPlan> plans = new ArrayList<>();
    List<NativeException> uncompiled = new ArrayList<>();
    for (int mode : new int[] {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
      for (CudnnDescriptor configuration : configurations(graph, target, mode)) {
        if (plans.size() < limit) {
          graph.own(configuration);
          plan(graph, target, configuration, numerics, uncompiled)
              .filter(plan -> plan.workspaceBytes() <= maxWorkspace)
              .ifPresent(plans::add);
        } else {
          configuration.close();
        }
      }
    }
    if (plans.isEmpty() && !uncompiled.isEmpty()) {
      throw uncompiled.getFirst();
    }
    return plans;
  }

  private static List<CudnnDescriptor> configurations(CudnnGraph graph, CudnnTarget target, int mode) {
    try (CudnnDescriptor heuristic = new CudnnDescriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)) {
      heuristic
          .setDescriptors(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.complete())
          .setInts(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode)
          .setDescriptors(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, target.properties())
          .complete();
      int count = (int) heuristic.count(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR);
      return heuristic.getDescriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, count);
    } catch (NativeException e) {
      if (isNotSupported(e)) {
        return List.of();
      }
      throw e;
    }
  }

  private static Optional<CudnnPlan> plan(
      CudnnGraph graph,
      CudnnTarget target,
      CudnnDescriptor configuration,
      CudnnNumerics numerics,
      List<NativeException> uncompiled) {
    int[] notes;
    long index;
    try (CudnnDescriptor engine =
        configuration.getDescriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1).getFirst()) {
      notes =
          engine.getInts(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
      index = engine.getLong(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
    }
    if (!numerics.allow(notes)) {
      return Optional.empty();
    }
    CudnnDescriptor plan =
        graph.own(new CudnnDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR))
            .setDescriptors(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration)
            .setDescriptors(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, target.properties());
    try {
      plan.complete();
    } catch (NativeException e) {
      if (isNotSupported(e)) {
        return Optional.empty();
      }
      if (e.status() == CUDNN_STATUS_INTERNAL_ERROR_COMPILATION_FAILED) {
        uncompiled.add(e);
        return Optional.empty();
      }
      throw e;
    }
    return Optional.of(new CudnnPlan(graph, plan, index, usesTensorCores(notes)));
  }

  private static boolean usesTensorCores(int[] notes) {
    return Arrays.stream(notes).anyMatch(note -> note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
  }

  private static boolean isNotSupported(NativeException e) {
    return e.status() / STATUSES == NOT_SUPPORTED;
  }

  CudnnGraph graph() {
    return graph;
  }

  CudnnDescriptor descriptor() {
    return plan;
  }

  /** Bytes of scratch memory that an execution needs. */
  public long workspaceBytes() {
    return plan.getLong(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
  }

  @Override
  public String toString() {
    String cores = tensorCores ? " with tensor cores, " : " without tensor cores, ";
    return "engine " + engine + cores + workspaceBytes() + " bytes of scratch";
  }
}
