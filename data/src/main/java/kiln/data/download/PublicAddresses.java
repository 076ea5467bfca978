package kiln.data.download;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Looks up hosts and gives only addresses of the public internet, so that a table from somewhere cannot make this machine ask its
 * own services or its neighbours'. What is checked here is what the client connects to: a name is not looked up twice.
 *
 * <p>Not public are the blocks of the IANA special-purpose address registries that are not globally reachable.
 */
final class PublicAddresses implements DnsResolver {
  /** All addresses of the host are refused; of the type that a resolver may throw. */
  static final class ForbiddenException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    ForbiddenException(String line) {
      super(line);
    }
  }

  private record Block(byte[] prefix, int bits) {
    static Block of(String prefix, int bits) {
      return new Block(literal(prefix).getAddress(), bits);
    }

    boolean holds(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        if (((address[bit / 8] ^ prefix[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Block> SPECIAL =
      List.of(
          Block.of("0.0.0.0", 8), // this network
          Block.of("10.0.0.0", 8), // private
          Block.of("100.64.0.0", 10), // behind a carrier's NAT
          Block.of("127.0.0.0", 8), // loopback
          Block.of("169.254.0.0", 16), // link-local, where clouds keep credentials
          Block.of("172.16.0.0", 12), // private
          Block.of("192.0.0.0", 24), // protocol assignments
          Block.of("192.0.2.0", 24), // documentation
          Block.of("192.168.0.0", 16), // private
          Block.of("198.18.0.0", 15), // benchmarking
          Block.of("198.51.100.0", 24), // documentation
          Block.of("203.0.113.0", 24), // documentation
          Block.of("224.0.0.0", 4), // multicast
          Block.of("240.0.0.0", 4), // reserved, broadcast
          Block.of("::", 96), // unspecified, loopback, the old form of IPv4 addresses
          Block.of("64:ff9b:1::", 48), // local translation to IPv4
          Block.of("100::", 64), // discard
          Block.of("2001::", 23), // protocol assignments, Teredo
          Block.of("2001:db8::", 32), // documentation
          Block.of("3fff::", 20), // documentation
          Block.of("5f00::", 16), // segment routing
          Block.of("fc00::", 7), // private
          Block.of("fe80::", 10), // link-local
          Block.of("fec0::", 10), // site-local
          Block.of("ff00::", 8)); // multicast

  /** Their IPv4 address is behind these many bytes: translation to IPv4, 6to4. */
  private static final Block NAT64 = Block.of("64:ff9b::", 96);

  private static final Block SIX_TO_FOUR = Block.of("2002::", 16);

  private final boolean allowPrivate;

  PublicAddresses(boolean allowPrivate) {
    this.allowPrivate = allowPrivate;
  }

  static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (SPECIAL.stream().anyMatch(block -> block.holds(bytes))) {
      return false;
    }
    return switch (address) {
      case Inet6Address _ when NAT64.holds(bytes) -> isPublic(embedded(bytes, 12));
      case Inet6Address _ when SIX_TO_FOUR.holds(bytes) -> isPublic(embedded(bytes, 2));
      default -> true;
    };
  }

  private static InetAddress embedded(byte[] bytes, int from) {
    try {
      return Inet4Address.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // four bytes are an address
    }
  }

  private static InetAddress literal(String address) {
    return InetAddress.ofLiteral(address);
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] found = InetAddress.getAllByName(host);
    if (allowPrivate) {
      return found;
    }
    InetAddress[] allowed = Arrays.stream(found).filter(PublicAddresses::isPublic).toArray(InetAddress[]::new);
    if (allowed.length == 0) {
      throw new ForbiddenException(host + " is " + found[0].getHostAddress() + ", which is not of the public internet");
    }
    return allowed;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
