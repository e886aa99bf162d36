import { BlockList, isIP } from 'node:net';
import { normalizeIP } from '@fastify/rate-limit';
import { DomainError } from '../../core/errors.js';

const WHOLE_ADDRESS = 128;

/**
 * Reads the proxies that are believed when they say whom they speak for.
 *
 * @param list - IP addresses and networks (`10.0.0.0/8`), comma separated; none without it.
 * @returns whether an address is one of them. @throws DomainError CONFIGURATION_INVALID.
 */
export function trustedProxiesOf(list: string | undefined): (address: string) => boolean {
  const trusted = new BlockList();
  for (const entry of list?.split(',') ?? []) add(trusted, entry);
  return (sent) => {
    // A socket of both families shows an IPv4 address as an IPv6 one.
    const address = normalizeIP(sent, WHOLE_ADDRESS);
    const family = isIP(address);
    return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

function add(trusted: BlockList, entry: string): void {
  const [address = '', prefix] = entry.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  try {
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  } catch (cause) {
    throw new DomainError('CONFIGURATION_INVALID', { trustedProxies: entry }, cause);
  }
}
