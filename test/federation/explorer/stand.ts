import { DomainError } from '../../../src/core/errors.js';
import type { Personas } from '../../../src/federation/explorer/personas.js';

/** What the page asked of these personas. */
export type AskedOfPersonas = readonly [what: string, ...names: string[]];

/** Personas that make no proof, and write down what they were asked for. */
export function standPersonas(asked: AskedOfPersonas[] = []): Personas {
  return {
    all: [
      { name: 'portal', can: 'reads three participants', proves: 'Three consents.' },
      { name: 'patient', can: 'withdraws <a consent>' },
    ],
    study: 'NCT90000001',
    async openSession(persona) {
      asked.push(['open', persona]);
      return 'new.x.y~z';
    },
    async renewToken(persona, session) {
      asked.push(['renew', persona, session]);
      if (session === 'gone') throw new DomainError('BAD_INPUT', { session: 'unknown' });
      return 'renewed.x.y~z';
    },
    async prove(persona, session, { progress }) {
      asked.push(['prove', persona, session]);
      progress({ done: 0, of: 2 });
      if (session === 'busy') throw new DomainError('OVERLOADED', { seconds: 15 });
      if (session === 'broken') throw new Error('connect ECONNREFUSED 10.1.2.3:5432');
      progress({ done: 2, of: 2 });
      return { document: 'mutation Present { touch }', variables: { proofs: 2 } };
    },
  };
}
