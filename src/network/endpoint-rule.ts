import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Config } from '../core/settings/config.js';
import { isPublicAddress } from './ip-address.js';
import { NodeFailure } from './node-failure.js';

/**
 * Which endpoints may be reached: an institution writes its own on the ledger, and every other
 * sends requests there.
 */
export interface EndpointRule {
  /**
   * Only https, at its default port or one from 1,024 on, and only public addresses, except those
   * that are listed.
   */
  readonly publicHttpsOnly: boolean;
  /** Host names and IP addresses, in lower case, to which the rule does not apply. */
  readonly named: ReadonlySet<string>;
}

/** For a pilot, whose nodes are all on one machine. */
export const ANY_ENDPOINT: EndpointRule = { publicHttpsOnly: false, named: new Set() };

/** How a name is resolved: all addresses of it, or an error. */
export type Resolve = (
  host: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The rule that the settings give. */
export function endpointRuleOf(
  config: Pick<Config, 'environment' | 'privateEndpoints'>,
): EndpointRule {
  const named = (config.privateEndpoints ?? '').toLowerCase().split(',').filter(Boolean);
  return { publicHttpsOnly: config.environment === 'production', named: new Set(named) };
}

/**
 * Checks what the URL itself shows. @throws NodeFailure UNREACHABLE, its detail saying what the
 * rule refuses.
 */
export function requireEndpoint(rule: EndpointRule, url: URL): void {
  if (url.username !== '' || url.password !== '') throw refused('credentials');
  if (!rule.publicHttpsOnly) return;
  if (url.protocol !== 'https:') throw refused('not https');
  const host = hostOf(url);
  if (!isUsualPort(url) && !rule.named.has(host.toLowerCase())) throw refused('port');
  if (isIP(host) !== 0 && !mayLeadTo(rule, host, host)) throw refused('private address');
}

/**
 * Resolves a name for the connection that is about to be made, and checks the addresses found now:
 * a name checked earlier may resolve to others later (DNS rebinding).
 */
export function lookupUnder(rule: EndpointRule, resolve: Resolve = lookup): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return done(error ?? notFound(), '', 0);
      const permitted = addresses.every(({ address }) => mayLeadTo(rule, host, address));
      if (!permitted) return done(refused('private address'), '', 0);
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function mayLeadTo({ publicHttpsOnly, named }: EndpointRule, host: string, address: string) {
  const isNamed = named.has(host.toLowerCase()) || named.has(address);
  return !publicHttpsOnly || isNamed || isPublicAddress(address);
}

/** Below 1,024 other services listen: a mail server or a shell must not be sent our requests. */
function isUsualPort({ port }: URL): boolean {
  return port === '' || Number(port) >= 1_024;
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function refused(what: string): NodeFailure {
  return new NodeFailure('UNREACHABLE', `endpoint refused: ${what}`);
}

function notFound(): NodeJS.ErrnoException {
  return Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' });
}
