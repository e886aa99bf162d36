import { DomainError } from '../../core/errors.js';
import type { Config } from '../../core/settings/config.js';

/** Listened at, they stand for all addresses of a machine: no router can ask there. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Where routers reach the subgraphs, without a slash at its end.
 *
 * @throws DomainError CONFIGURATION_INVALID where the settings do not say it.
 */
export function subgraphsUrlOf({
  subgraphsHost: host,
  subgraphsPort: port,
  subgraphsUrl,
}: Pick<Config, 'subgraphsHost' | 'subgraphsPort' | 'subgraphsUrl'>): string {
  if (subgraphsUrl !== undefined) return subgraphsUrl;
  if (EVERY_ADDRESS.has(host) || port === 0) {
    throw new DomainError('CONFIGURATION_INVALID', { subgraphsUrl: 'needed' });
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
