import { DomainError } from '../../core/errors.js';
import type { Config } from '../../core/settings/config.js';

/**
 * As listening addresses they mean all addresses of a machine, so no router can connect to them.
 */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * The URL where routers reach the subgraphs, without a trailing slash.
 *
 * @throws DomainError CONFIGURATION_INVALID if the settings do not determine it.
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
