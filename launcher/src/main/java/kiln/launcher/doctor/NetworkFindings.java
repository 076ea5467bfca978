package kiln.launcher.doctor;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import kiln.bindings.UserException;
import kiln.launcher.control.ListenAddress;

/** The interface at which rank 0 of a job of several machines would listen, and why that one. */
final class NetworkFindings {
  private static final String SUBJECT = "control address";
  private static final String INTERFACES = "/sys/class/net/";
  private static final String OTHER = "--control-address, or KILN_CONTROL_ADDRESS";
  private static final int SLOW_MEGABITS = 1000;

  private final Machine machine;

  NetworkFindings(Machine machine) {
    this.machine = machine;
  }

  List<Finding> examine() {
    try {
      ListenAddress.Choice choice = ListenAddress.decide(null, false, machine.environment());
      return List.of(judged(choice));
    } catch (UserException e) {
      return List.of(Finding.wrong(SUBJECT, e.getMessage(), "correct that, or leave the choice to Kiln"));
    } catch (SocketException e) {
      return List.of(Finding.wrong(SUBJECT, "interfaces cannot be listed (" + e.getMessage() + ")", OTHER));
    }
  }

  private Finding judged(ListenAddress.Choice choice) throws SocketException {
    InetAddress address = choice.address().getAddress();
    if (address.isAnyLocalAddress()) {
      String all = "all interfaces (" + choice.why() + ")";
      return Finding.warning(SUBJECT, all, "name one: other networks need not reach it");
    }
    NetworkInterface of = NetworkInterface.getByInetAddress(address);
    String name = of == null ? "?" : of.getName();
    OptionalInt speed = speed(name);
    String known = speed.isPresent() ? ", " + speed.getAsInt() + " Mbit/s" : ", speed unknown";
    String rate = address.isLoopbackAddress() ? "" : known;
    String found = address.getHostAddress() + " of " + name + rate + ": " + choice.why();
    List<String> others = others(name);
    if (!others.isEmpty()) {
      found += "; there are also " + String.join(", ", others);
    }
    if (address.isLoopbackAddress()) {
      return Finding.warning(SUBJECT, found, "for several machines: " + OTHER + " with an address that they reach");
    }
    if (!machine.list(INTERFACES + name + "/bridge").isEmpty()) {
      return Finding.warning(SUBJECT, found, name + " is a bridge to virtual machines or containers: " + OTHER);
    }
    if (speed.isPresent() && speed.getAsInt() < SLOW_MEGABITS) {
      return Finding.warning(SUBJECT, found, "a faster network, if there is one: " + OTHER);
    }
    return Finding.fine(SUBJECT, found);
  }

  private OptionalInt speed(String name) {
    String text = machine.read(INTERFACES + name + "/speed").orElse(""); // -1: it does not know
    return text.matches("\\d{1,9}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
  }

  /** Interfaces with an address that other machines could reach. */
  private List<String> others(String chosen) throws SocketException {
    List<String> others = new ArrayList<>();
    for (NetworkInterface one : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      boolean reachable = one.inetAddresses().anyMatch(address -> !address.isLinkLocalAddress());
      if (one.isUp() && !one.isLoopback() && reachable && !one.getName().equals(chosen)) {
        OptionalInt speed = speed(one.getName());
        others.add(one.getName() + (speed.isPresent() ? " (" + speed.getAsInt() + " Mbit/s)" : ""));
      }
    }
    return others;
  }
}
