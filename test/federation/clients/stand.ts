import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { institution, startGateway, startWidgetNode } from '../../support/federation/stand.js';
import type { Report } from './ask.js';

/** A gateway that listens, and what it was asked by. */
export async function listeningGateway(): Promise<{
  readonly origin: string;
  readonly app: FastifyInstance;
  readonly asked: string[];
  stop(): Promise<unknown>;
}> {
  const node = await startWidgetNode();
  const app = await startGateway([institution('lakeshore-hospital', node.endpoint)], {
    trusted: { trust: 'also', documents: ['query Plain { token }'] },
  });
  const asked: string[] = [];
  app.addHook('onResponse', async ({ method, url }, { statusCode }) => {
    asked.push(`${method} ${url} ${statusCode}`);
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return { origin, app, asked, stop: () => Promise.all([app.close(), node.app.close()]) };
}

/** Each client has read what it asked for, and recognised what was refused. */
export function expectAllAnswered(reports: Record<string, Report>, asked: readonly string[]): void {
  const right = {
    plain: 'string',
    widgets: true,
    partly: ['CONSENT_EXPIRED'],
    wrong: ['GRAPHQL_VALIDATION_FAILED'],
  };
  expect(Object.keys(reports)).toHaveLength(6);
  for (const [client, report] of Object.entries(reports)) {
    expect({ client, ...report }).toEqual({ client, ...right });
  }
  // Four of urql's, four of Apollo's told to, and those of a hash before it is known that none is taken.
  const gets = asked.filter((one) => one.startsWith('GET /graphql?'));
  expect(gets.length).toBeGreaterThanOrEqual(9);
}
