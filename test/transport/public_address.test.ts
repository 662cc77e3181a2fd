import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../src/transport/public_address.js";

/** First and last address of each special range; the addresses just outside of it, where those are public. */
const RANGES: [
  name: string,
  first: string,
  last: string,
  below: string | undefined,
  above: string | undefined,
][] = [
  ["this network", "0.0.0.0", "0.255.255.255", undefined, "1.0.0.0"],
  ["RFC 1918, 10/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"],
  ["carrier-grade NAT", "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"],
  ["loopback", "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"],
  ["link-local", "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"],
  ["RFC 1918, 172.16/12", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"],
  ["protocol assignments", "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"],
  ["documentation 1", "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"],
  ["6to4 relays", "192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"],
  ["RFC 1918, 192.168/16", "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"],
  ["benchmarks", "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"],
  ["documentation 2", "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"],
  ["documentation 3", "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"],
  ["multicast", "224.0.0.0", "239.255.255.255", "223.255.255.255", undefined],
  ["reserved and broadcast", "240.0.0.0", "255.255.255.255", undefined, undefined],

  ["unspecified", "::", "::", undefined, undefined],
  ["IPv6 loopback", "::1", "::1", undefined, undefined],
  ["v4-compatible", "::0.0.0.2", "::255.255.255.255", undefined, undefined],
  ["v4-mapped", "::ffff:0.0.0.0", "::ffff:255.255.255.255", undefined, undefined],
  ["v4-translated", "::ffff:0:0:0", "::ffff:0:255.255.255.255", undefined, undefined],
  ["NAT64", "64:ff9b::", "64:ff9b::255.255.255.255", undefined, undefined],
  ["local NAT64", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["discard", "100::", "100::ffff:ffff:ffff:ffff", undefined, undefined],
  ["Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff::", undefined],
  ["IPv6 benchmarks", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  [
    "IPv6 protocol assignments",
    "2001::",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2000:ffff::1",
    "2001:200::",
  ],
  [
    "IPv6 documentation 1",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db7:ffff::",
    "2001:db9::",
  ],
  ["6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff:ffff::", "2003::"],
  ["IPv6 documentation 2", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff::", "3fff:1000::"],
  ["SRv6", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["IPv6 link-local", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["site-local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["IPv6 multicast", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, undefined],
  ["below global unicast", "200::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined, "2000::"],
  ["above global unicast", "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff::", undefined],
];

describe.each(RANGES)("%s", (_name, first, last, below, above) => {
  it("is not public from its first to its last address, and its neighbours are", () => {
    expect([first, last].map(isPublicAddress)).toEqual([false, false]);
    for (const neighbour of [below, above])
      if (neighbour) expect([neighbour, isPublicAddress(neighbour)]).toEqual([neighbour, true]);
  });
});

it.each([
  "8.8.8.8",
  "1.1.1.1",
  "17.188.143.4",
  "142.250.1.1",
  "2606:4700::1111",
  "2a00:1450:4001::200e",
  "2620:149::1",
])("%s is public", (ip) => {
  expect(isPublicAddress(ip)).toBe(true);
});

it.each([
  ["a public address with a zone", "2606:4700::1111%eth0"],
  ["a link-local address with a zone", "fe80::1%eth0"],
  ["a mapped public address", "::ffff:8.8.8.8"],
  ["a mapped public address in hexadecimal", "::ffff:808:808"],
  ["6to4 of a public address", "2002:808:808::1"],
  ["a number", "2130706433"],
  ["a short address", "8.8.8"],
  ["leading zeros", "010.8.8.8"],
  ["brackets", "[2606:4700::1111]"],
  ["a name", "example.com"],
  ["nothing", ""],
])("%s is no public address", (_title, ip) => {
  expect(isPublicAddress(ip)).toBe(false);
});
