package kiln.launcher.control;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;

/** Where rank 0 listens: at one address of one interface, so that other networks do not reach it. */
public final class ListenAddress {
  private static final String VARIABLE = "KILN_CONTROL_ADDRESS";

  private ListenAddress() {}

  /**
   * Where, and for what reason.
   *
   * @param why in words
   */
  public record Choice(InetSocketAddress address, String why) {}

  /** As {@link #decide}, without the reason. */
  public static InetSocketAddress choose(String wanted, boolean oneMachine, Map<String, String> variables) {
    return decide(wanted, oneMachine, variables).address();
  }

  /**
   * @param wanted an interface ({@code eth0}), an address or a name of this machine, each with {@code :PORT} or without; null for
   *     what the environment says in KILN_CONTROL_ADDRESS, or to choose: the loopback interface if all ranks share this machine,
   *     else the address of the first host that SLURM lists, if that is this one, or of this machine's name, or the first one of
   *     an interface that is not the loopback
   * @param oneMachine whether all ranks are here
   * @param variables of the environment
   * @throws UserException if there is no such address here
   */
  public static Choice decide(String wanted, boolean oneMachine, Map<String, String> variables) {
    if (wanted != null) {
      String where = "option --control-address";
      return new Choice(parse(where, wanted), where);
    }
    if (variables.containsKey(VARIABLE)) {
      String where = "environment variable " + VARIABLE;
      return new Choice(parse(where, variables.get(VARIABLE)), where);
    }
    return oneMachine
        ? choice(InetAddress.getLoopbackAddress(), "all ranks share this machine")
        : ofThisMachine(variables);
  }

  private static Choice choice(InetAddress address, String why) {
    return new Choice(new InetSocketAddress(address, 0), why);
  }

  private static InetSocketAddress parse(String where, String wanted) {
    String[] parts = wanted.split(":", -1); // an IPv6 address has more colons, and no port here
    if (parts.length != 2) {
      return new InetSocketAddress(resolve(where, wanted), 0);
    }
    if (!parts[1].matches("\\d{1,5}") || Integer.parseInt(parts[1]) >= 1 << 16) {
      throw new UserException(where + ": expected a port of 0 to 65535, found " + wanted);
    }
    return new InetSocketAddress(resolve(where, parts[0]), Integer.parseInt(parts[1]));
  }

  private static InetAddress resolve(String where, String name) {
    try {
      NetworkInterface byName = NetworkInterface.getByName(name);
      if (byName != null) {
        return addresses(byName).stream()
            .findFirst()
            .orElseThrow(() -> new UserException(where + ": interface " + name + " has no address"));
      }
      InetAddress address = InetAddress.getByName(name);
      if (address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null) {
        return address;
      }
      throw new UserException(where + ": expected an address of this machine, found " + name);
    } catch (SocketException | UnknownHostException e) {
      throw new UserException(where + ": expected an interface or an address of this machine, found " + name, e);
    }
  }

  private static Choice ofThisMachine(Map<String, String> variables) {
    Map<String, String> names = new LinkedHashMap<>(); // and where each stands
    for (String list : List.of("SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST")) {
      if (variables.containsKey(list)) {
        String first = NodeList.expand("environment variable " + list, variables.get(list)).getFirst();
        names.putIfAbsent(first, "first of " + list); // where rank 0 is
      }
    }
    names.putIfAbsent(HostName.current(), "this machine's name");
    for (String name : names.keySet()) {
      try {
        InetAddress named = InetAddress.getByName(name);
        if (!named.isLoopbackAddress() && NetworkInterface.getByInetAddress(named) != null) {
          return choice(named, "address of " + name + ", " + names.get(name));
        }
      } catch (UnknownHostException | SocketException e) {
        continue; // It stands in no directory.
      }
    }
    try {
      for (NetworkInterface candidate : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (candidate.isUp() && !candidate.isLoopback() && !candidate.isPointToPoint()) {
          List<InetAddress> addresses = addresses(candidate);
          if (!addresses.isEmpty()) {
            return choice(addresses.getFirst(), "first interface that is up, because no name leads to one");
          }
        }
      }
    } catch (SocketException e) {
      String why = "this machine's interfaces cannot be listed (" + e.getMessage() + ")";
      throw new UserException("option --control-address: missing, and " + why, e);
    }
    return choice(InetAddress.getLoopbackAddress(), "this machine has no other");
  }

  /** Of an interface, those of IPv4 first; without addresses that mean nothing on another machine. */
  private static List<InetAddress> addresses(NetworkInterface of) {
    return Collections.list(of.getInetAddresses()).stream()
        .filter(address -> !address.isLinkLocalAddress())
        .sorted(Comparator.comparing(address -> !(address instanceof Inet4Address)))
        .toList();
  }
}
