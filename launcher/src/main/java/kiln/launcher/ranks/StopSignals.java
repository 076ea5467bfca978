package kiln.launcher.ranks;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * SIGINT, SIGTERM and SIGUSR1, which mpirun and srun pass on to ranks, as requests. The first one asks for an orderly end, a
 * second one ends the process at once. One keystroke or one {@code timeout} may send the same signal twice, to the process and
 * to its group: what follows within half a second is taken for the same request.
 */
public final class StopSignals implements AutoCloseable {
  private static final long SAME_REQUEST = Duration.ofMillis(500).toNanos();

  private final Runnable first;
  private final Runnable second;
  private final Map<Object, Object> before = new LinkedHashMap<>(); // handlers by signal
  private boolean received;
  private long at;

  private StopSignals(Runnable first, Runnable second) {
    this.first = first;
    this.second = second;
  }

  /**
   * @param first runs at the first signal, on a thread of the JVM's
   * @param second runs at the second
   * @return restores what was done before
   */
  public static StopSignals handle(Runnable first, Runnable second) {
    StopSignals signals = new StopSignals(first, second);
    for (String name : new String[] {"INT", "TERM", "USR1"}) {
      signals.handle(name);
    }
    return signals;
  }

  @Override
  public void close() {
    before.forEach(StopSignals::handle);
  }

  private synchronized void receive() {
    long now = System.nanoTime();
    if (!received) {
      received = true;
      at = now;
      first.run();
    } else if (now - at > SAME_REQUEST) {
      second.run();
    }
  }

  /**
   * {@code sun.misc.Signal.handle}, of the exported module jdk.unsupported, by reflection: javac warns of the name in a way
   * that no annotation silences.
   */
  private static Object handle(Object signal, Object handler) {
    try {
      Method handle = signal.getClass().getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"));
      return handle.invoke(null, signal, handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot handle signal " + signal, e);
    }
  }

  private void handle(String name) {
    try {
      Object signal = Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
      Class<?>[] handler = {Class.forName("sun.misc.SignalHandler")};
      before.put(signal, handle(signal, Proxy.newProxyInstance(StopSignals.class.getClassLoader(), handler, this::call)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot handle signal " + name, e);
    }
  }

  private Object call(Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(proxy);
      case "equals" -> proxy == arguments[0];
      case "toString" -> "Kiln's handler";
      default -> {
        receive();
        yield null;
      }
    };
  }
}
