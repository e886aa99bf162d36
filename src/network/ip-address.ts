import { BlockList, isIP } from 'node:net';

const LOOPBACK = listOf([['127.0.0.0', 8]], [['::1', 128]]);

/** @source IANA's registry of special-purpose IPv4 addresses, with multicast and what is reserved above it. */
const SPECIAL_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

/**
 * Special ranges within 2000::/3, outside of which no address is public. Teredo and 6to4 contain an
 * IPv4 address.
 */
const SPECIAL_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const SPECIAL = listOf(SPECIAL_V4, SPECIAL_V6);
const GLOBAL_V6 = listOf([], [['2000::', 3]]);

/** Whether an IP address is this machine's own, as 127.0.0.1, ::1 or ::ffff:127.0.0.1. False for anything else. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && isIn(LOOPBACK, address);
}

/**
 * Whether an IP address is public: not loopback, link-local, private, shared, multicast or
 * reserved, and does not contain such an IPv4 address. False for what is not an IP address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || isIn(SPECIAL, address)) return false;
  return isIP(address) === 4 || isMapped(address) || isIn(GLOBAL_V6, address);
}

/** An IPv4-mapped IPv6 address is checked as the IPv4 address that it contains. */
function isMapped(address: string): boolean {
  return /^::ffff:[0-9.]+$/i.test(address);
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function listOf(
  v4: readonly (readonly [string, number])[],
  v6: readonly (readonly [string, number])[],
): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of v4) list.addSubnet(net, prefix, 'ipv4');
  for (const [net, prefix] of v6) list.addSubnet(net, prefix, 'ipv6');
  return list;
}
