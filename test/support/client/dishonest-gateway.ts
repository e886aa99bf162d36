import type {
  Gateway,
  GraphqlAnswer,
  GraphqlRequest,
} from '../../../src/client/gateway/gateway.js';

/** A gateway that may change what it carries, or answer by itself; the real one is behind it. */
export function dishonestGateway(
  real: Gateway,
  meddle: (request: GraphqlRequest, real: Gateway) => Promise<GraphqlAnswer>,
): Gateway {
  return { ...real, send: (request) => meddle(request, real) };
}

/** Every text in what it carries. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Field elements as the API takes them. */
export function inDecimals(of: object): Record<string, string> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, String(value)]));
}
