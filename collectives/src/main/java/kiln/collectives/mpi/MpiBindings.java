package kiln.collectives.mpi;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * The calls of package {@code mpi}, Open MPI's Java bindings (its javadoc is at open-mpi.org/doc), that Kiln uses. Objects of
 * that package are plain objects here, because Kiln is compiled without it.
 *
 * <p>Buffers are direct; the bindings take the address where one begins and ignore its position. Counts are bytes. What a
 * non-blocking call was given must stay alive until its request is done.
 *
 * <p>The first use of this class loads the bindings that {@link OpenMpiInstallation} finds: ask that first.
 */
final class MpiBindings {
  private static final ClassLoader LOADER = new BindingsLoader(OpenMpiInstallation.require(System.getenv()));
  private static final Class<?> MPI = type("MPI");
  private static final Class<?> COMM = type("Comm");
  private static final Class<?> INTRACOMM = type("Intracomm");
  private static final Class<?> DATATYPE = type("Datatype");
  private static final Class<?> ERRHANDLER = type("Errhandler");
  private static final Class<?> REQUEST = type("Request");
  private static final Class<?> PREQUEST = type("Prequest");

  private static final Object BYTE = constant("BYTE", DATATYPE);
  private static final Object ERRORS_RETURN = constant("ERRORS_RETURN", ERRHANDLER);
  private static final int THREAD_MULTIPLE = (int) constant("THREAD_MULTIPLE", int.class);

  private static final MethodHandle INIT_THREAD =
      function("InitThread", methodType(int.class, String[].class, int.class));
  private static final MethodHandle FINALIZE = function("Finalize", methodType(void.class));
  private static final MethodHandle RANK = method(COMM, "getRank", methodType(int.class));
  private static final MethodHandle SIZE = method(COMM, "getSize", methodType(int.class));
  private static final MethodHandle BARRIER = method(COMM, "barrier", methodType(void.class));
  private static final MethodHandle DUP = method(INTRACOMM, "dup", methodType(INTRACOMM));
  private static final MethodHandle SPLIT = method(INTRACOMM, "split", methodType(INTRACOMM, int.class, int.class));
  private static final MethodHandle SET_ERRHANDLER =
      method(COMM, "setErrhandler", methodType(void.class, ERRHANDLER));
  private static final MethodHandle SEND = ofBytes(method(COMM, "send", transfer(void.class, Object.class)));
  private static final MethodHandle I_SEND = ofBytes(method(COMM, "iSend", transfer(REQUEST, Buffer.class)));
  private static final MethodHandle I_RECV = ofBytes(method(COMM, "iRecv", transfer(REQUEST, Buffer.class)));
  private static final MethodHandle RECV_INIT = ofBytes(method(COMM, "recvInit", transfer(PREQUEST, Buffer.class)));
  private static final MethodHandle BCAST =
      ofBytes(method(COMM, "bcast", methodType(void.class, Object.class, int.class, DATATYPE, int.class)));
  private static final MethodHandle START = method(PREQUEST, "start", methodType(void.class));
  private static final MethodHandle TEST = method(REQUEST, "test", methodType(boolean.class));
  private static final MethodHandle CANCEL = method(REQUEST, "cancel", methodType(void.class));
  private static final MethodHandle WAIT_FOR = method(REQUEST, "waitFor", methodType(void.class));
  private static final MethodHandle FREE = method(REQUEST, "free", methodType(void.class));

  private MpiBindings() {}

  /** Starts MPI, once per process; whether any number of threads may call it at once. */
  static boolean initMultipleThreads() {
    try {
      return (int) INIT_THREAD.invokeExact(new String[0], THREAD_MULTIPLE) == THREAD_MULTIPLE;
    } catch (Throwable thrown) {
      throw failure("MPI_Init_thread", thrown);
    }
  }

  /** Ends MPI; all ranks of the job wait for each other. */
  static void finalizeMpi() {
    try {
      FINALIZE.invokeExact();
    } catch (Throwable thrown) {
      throw failure("MPI_Finalize", thrown);
    }
  }

  /** Waits until all ranks of the communicator have come here; looks for messages all the while. */
  static void barrier(Object comm) {
    try {
      BARRIER.invokeExact(comm);
    } catch (Throwable thrown) {
      throw failure("MPI_Barrier", thrown);
    }
  }

  /** All ranks of the job; there only after {@link #initMultipleThreads}. */
  static Object commWorld() {
    return constant("COMM_WORLD", INTRACOMM);
  }

  static int rank(Object comm) {
    try {
      return (int) RANK.invokeExact(comm);
    } catch (Throwable thrown) {
      throw failure("MPI_Comm_rank", thrown);
    }
  }

  static int size(Object comm) {
    try {
      return (int) SIZE.invokeExact(comm);
    } catch (Throwable thrown) {
      throw failure("MPI_Comm_size", thrown);
    }
  }

  static Object dup(Object comm) {
    try {
      return (Object) DUP.invokeExact(comm);
    } catch (Throwable thrown) {
      throw failure("MPI_Comm_dup", thrown);
    }
  }

  /**
   * @param color at least 0
   */
  static Object split(Object comm, int color, int key) {
    try {
      return (Object) SPLIT.invokeExact(comm, color, key);
    } catch (Throwable thrown) {
      throw failure("MPI_Comm_split", thrown);
    }
  }

  /** Errors become exceptions instead of ending the job. */
  static void returnErrors(Object comm) {
    try {
      SET_ERRHANDLER.invokeExact(comm, ERRORS_RETURN);
    } catch (Throwable thrown) {
      throw failure("MPI_Comm_set_errhandler", thrown);
    }
  }

  static void send(Object comm, ByteBuffer data, int bytes, int to, int tag) {
    try {
      SEND.invokeExact(comm, data, bytes, to, tag);
    } catch (Throwable thrown) {
      throw failure("MPI_Send", thrown);
    }
  }

  static Object iSend(Object comm, ByteBuffer data, int bytes, int to, int tag) {
    try {
      return (Object) I_SEND.invokeExact(comm, data, bytes, to, tag);
    } catch (Throwable thrown) {
      throw failure("MPI_Isend", thrown);
    }
  }

  static Object iRecv(Object comm, ByteBuffer data, int bytes, int from, int tag) {
    try {
      return (Object) I_RECV.invokeExact(comm, data, bytes, from, tag);
    } catch (Throwable thrown) {
      throw failure("MPI_Irecv", thrown);
    }
  }

  /** A receive that {@link #start} begins, again and again; of at most so many bytes. */
  static Object recvInit(Object comm, ByteBuffer data, int bytes, int from, int tag) {
    try {
      return (Object) RECV_INIT.invokeExact(comm, data, bytes, from, tag);
    } catch (Throwable thrown) {
      throw failure("MPI_Recv_init", thrown);
    }
  }

  static void broadcast(Object comm, ByteBuffer data, int bytes, int root) {
    try {
      BCAST.invokeExact(comm, data, bytes, root);
    } catch (Throwable thrown) {
      throw failure("MPI_Bcast", thrown);
    }
  }

  static void start(Object persistent) {
    try {
      START.invokeExact(persistent);
    } catch (Throwable thrown) {
      throw failure("MPI_Start", thrown);
    }
  }

  /** Whether a request is done; lets everything under way progress. */
  static boolean test(Object request) {
    try {
      return (boolean) TEST.invokeExact(request);
    } catch (Throwable thrown) {
      throw failure("MPI_Test", thrown);
    }
  }

  /** Takes a receive back for which no message may come. */
  static void cancel(Object request) {
    try {
      CANCEL.invokeExact(request);
      WAIT_FOR.invokeExact(request);
    } catch (Throwable thrown) {
      throw failure("MPI_Cancel", thrown);
    }
  }

  /** Gives up a persistent request that is not under way. */
  static void free(Object persistent) {
    try {
      FREE.invokeExact(persistent);
    } catch (Throwable thrown) {
      throw failure("MPI_Request_free", thrown);
    }
  }

  private static RuntimeException failure(String function, Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new MpiException(function, thrown);
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName("mpi." + name, true, LOADER);
    } catch (ClassNotFoundException e) {
      throw new LinkageError("package mpi of Open MPI has no class " + name, e);
    }
  }

  private static Object constant(String name, Class<?> type) {
    try {
      return MethodHandles.publicLookup().findStaticGetter(MPI, name, type).invoke();
    } catch (Throwable e) {
      throw new LinkageError("package mpi of Open MPI has no MPI." + name, e);
    }
  }

  private static MethodHandle function(String name, MethodType type) {
    try {
      return MethodHandles.publicLookup().findStatic(MPI, name, type);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("package mpi of Open MPI has no MPI." + name + type, e);
    }
  }

  /** A call of an object of that package, every such object a plain one. */
  private static MethodHandle method(Class<?> owner, String name, MethodType type) {
    try {
      return plain(MethodHandles.publicLookup().findVirtual(owner, name, type));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("package mpi of Open MPI has no " + owner.getSimpleName() + "." + name + type, e);
    }
  }

  private static MethodType transfer(Class<?> result, Class<?> buffer) {
    return methodType(result, buffer, int.class, DATATYPE, int.class, int.class);
  }

  /** The call with the element type, always the fourth argument, fixed. */
  private static MethodHandle ofBytes(MethodHandle call) {
    MethodHandle bound = MethodHandles.insertArguments(call, 3, BYTE);
    return bound.asType(bound.type().changeParameterType(1, ByteBuffer.class));
  }

  private static MethodHandle plain(MethodHandle call) {
    MethodType type = call.type();
    for (int i = 0; i < type.parameterCount(); i++) {
      if (type.parameterType(i).getClassLoader() == LOADER) {
        type = type.changeParameterType(i, Object.class);
      }
    }
    return call.asType(type.returnType().getClassLoader() == LOADER ? type.changeReturnType(Object.class) : type);
  }
}
