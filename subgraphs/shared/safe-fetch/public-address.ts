import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Azure answers machines with their metadata here (168.63.129.16), on an address that is public by every registry. */
const PLATFORM_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);
/** All of IPv6 that is given out as global unicast (IANA "IPv6 Global Unicast Address Assignments"). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Tail of an ISATAP address (RFC 5214 §6.1), which has an IPv4 address in its last 32 bits; the `u` bit may be set. */
const ISATAP = { part: 0x5efe, globalBit: 0x0200 };

/**
 * Whether an address is one of the public internet. Refuses all of the IANA special-purpose registries (RFC 6890: private,
 * loopback, link-local, shared, documentation, benchmarking, reserved …), multicast and broadcast, and every IPv6 form that
 * has an IPv4 address in it (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP), whichever that is.
 * Takes the canonical spelling of an address, as sockets and resolvers give it; whatever else a text may be is not public.
 */
export function isPublicAddress(address: string): boolean {
  // Zones (`fe80::1%eth0`) are of one link by definition; the parser would drop them.
  if (isIP(address) === 0 || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return isV6(parsed) ? isGlobalV6(parsed) : !PLATFORM_ADDRESSES.has(parsed.toString());
}

function isV6(address: ipaddr.IPv4 | ipaddr.IPv6): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6';
}

/** The library calls all of IPv6 unicast that no registry names, `::a.b.c.d` too. */
function isGlobalV6(address: ipaddr.IPv6): boolean {
  const [, , , , tail = 0, marker] = address.parts;
  const isIsatap = marker === ISATAP.part && (tail === 0 || tail === ISATAP.globalBit);
  return address.match(GLOBAL_UNICAST) && !isIsatap;
}
