package kiln.launcher.ranks;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;

/**
 * SIGINT and SIGTERM as requests. The first one asks for an orderly end, a second one ends the process at once. One
 * keystroke or one {@code timeout} may send the same signal twice, to the process and to its group: what follows within half a
 * second is taken for the same request.
 */
public final class StopSignals {
  private static final long SAME_REQUEST = Duration.ofMillis(500).toNanos();

  private final Runnable first;
  private final Runnable second;
  private boolean received;
  private long at;

  private StopSignals(Runnable first, Runnable second) {
    this.first = first;
    this.second = second;
  }

  /**
   * @param first runs at the first signal, on a thread of the JVM's
   * @param second runs at the second
   */
  public static void handle(Runnable first, Runnable second) {
    StopSignals signals = new StopSignals(first, second);
    for (String name : new String[] {"INT", "TERM"}) {
      handle(name, signals::receive);
    }
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
  private static void handle(String signal, Runnable body) {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      InvocationHandler behaviour = (proxy, method, arguments) -> call(proxy, method, arguments, body);
      Object handler = Proxy.newProxyInstance(StopSignals.class.getClassLoader(), new Class<?>[] {handlerClass}, behaviour);
      Object of = signalClass.getConstructor(String.class).newInstance(signal);
      signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, of, handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot handle signal " + signal, e);
    }
  }

  private static Object call(Object proxy, Method method, Object[] arguments, Runnable body) {
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(proxy);
      case "equals" -> proxy == arguments[0];
      case "toString" -> "Kiln's handler";
      default -> {
        body.run();
        yield null;
      }
    };
  }
}
