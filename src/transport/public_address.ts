import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * True for an address that anybody on the internet may be reached at: what the IANA special-purpose registries
 * (RFC 6890) do not set aside. Prefixes that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo) are refused as
 * a whole, whatever they carry. False for anything that is no plain address, also for one with a zone (`fe80::1%eth0`).
 */
export function isPublicAddress(ip: string): boolean {
  if (isIPv4(ip)) return !SPECIAL_V4.check(ip, "ipv4");
  if (!isIPv6(ip) || ip.includes("%")) return false;
  return GLOBAL_UNICAST.check(ip, "ipv6") && !SPECIAL_V6.check(ip, "ipv6");
}

const SPECIAL_V4 = blockList("ipv4", [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, where clouds keep their metadata
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
]);

/**
 * All of IPv6 that is given out as global unicast. Outside of it lie loopback, mapped and compatible addresses, NAT64,
 * discard, SRv6, unique local, link-local, site-local and multicast.
 */
const GLOBAL_UNICAST = blockList("ipv6", ["2000::/3"]);

const SPECIAL_V6 = blockList("ipv6", [
  "2001::/23", // protocol assignments, Teredo, benchmarks, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "3fff::/20", // documentation
]);

function blockList(family: "ipv4" | "ipv6", subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = "", prefix] = subnet.split("/");
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
