import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PresentAccreditationInput } from '../../../src/consent/base/model.js';
import type { GateOptions } from '../../../src/consent/gate/gate.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import { DomainError } from '../../../src/core/errors.js';
import type { Database, DatabaseServer } from '../../../src/store/database.js';
import {
  asInput,
  DAY,
  dateOf,
  gateAt,
  knowStudies,
  makeSession,
  now,
  PARTY,
  type Shown,
  showAccreditation,
  snapshotOf,
} from '../../support/consent/gate-fixture.js';
import { LAKESHORE, OTHER_STUDY, STUDY } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

let server: DatabaseServer;
let db: Database;
let shown: Shown<PresentAccreditationInput>;

beforeAll(async () => {
  server = await openFreshPglite();
  db = await server.open('riverside-hospital');
  await knowStudies(db);
  shown = await showAccreditation();
});
afterAll(() => server.close());
beforeEach(() => db.transaction((tx) => tx.delete(presentation)));

/** The accreditation's root, superseded that long ago. */
function supersededFor(seconds: number): Partial<GateOptions> {
  const roots = [
    { root: shown.root, anchoredAt: now - DAY },
    { root: 1n, anchoredAt: now - seconds },
  ] as const;
  return { snapshot: () => snapshotOf(...roots) };
}

const feedGap = {
  requireComplete: () => {
    throw new DomainError('FEED_GAP');
  },
};

describe('an accreditation', () => {
  test('names a party and a nullifier, and no participant', async () => {
    const gate = gateAt(db, shown.root);
    expect(await gate.presentAccreditation(shown.input)).toMatchObject({
      accepted: 1,
      refused: [],
    });
    const opened = await gate.open(shown.session);
    expect(opened.permits).toEqual([]);
    expect(opened.partners).toEqual([
      {
        role: 'PAYER',
        party: PARTY,
        study: STUDY,
        nullifier: shown.proven.publicSignals[1],
        expires: now + DAY,
      },
    ]);
  });

  interface Case {
    readonly why: string;
    readonly code: string;
    readonly input?: () => Partial<PresentAccreditationInput>;
    readonly gate?: () => Partial<GateOptions> & { readonly at?: number };
  }
  const refusals: readonly Case[] = [
    { why: 'no role', code: 'ROLE_UNKNOWN', input: () => ({ role: null }) },
    { why: 'another role', code: 'REQUEST_MISMATCH', input: () => ({ role: 'PROVIDER' }) },
    { why: "another's party", code: 'REQUEST_MISMATCH', input: () => ({ party: 'payer-0002' }) },
    { why: 'a partner without a party', code: 'BAD_INPUT', input: () => ({ party: null }) },
    {
      why: 'a researcher without a study',
      code: 'BAD_INPUT',
      input: () => ({ role: 'RESEARCHER', study: null }),
    },
    { why: 'any study instead of one', code: 'REQUEST_MISMATCH', input: () => ({ study: null }) },
    { why: 'another study', code: 'REQUEST_MISMATCH', input: () => ({ study: OTHER_STUDY }) },
    { why: 'a study nobody knows', code: 'STUDY_UNKNOWN', input: () => ({ study: 'NCT99999999' }) },
    {
      why: 'another institution addressed',
      code: 'NOT_FOR_THIS_INSTITUTION',
      input: () => ({ institution: LAKESHORE }),
    },
    {
      why: 'a root superseded a second more than 15 minutes ago',
      code: 'ROOT_STALE',
      gate: () => supersededFor(901),
    },
    { why: 'a proof a second too old', code: 'PROOF_TOO_OLD', gate: () => ({ at: now + DAY + 1 }) },
    {
      why: 'a nullifier of the attacker, for a fresh budget',
      code: 'PROOF_INVALID',
      input: () => {
        const { proof, publicSignals } = asInput(shown.proven);
        return { proofs: [{ proof, publicSignals: publicSignals.with(1, '5') }] };
      },
    },
    {
      why: 'an asOf of another day, for a fresh budget',
      code: 'REQUEST_MISMATCH',
      input: () => {
        const { proof, publicSignals } = asInput(shown.proven);
        return { proofs: [{ proof, publicSignals: publicSignals.with(4, String(now - DAY)) }] };
      },
    },
  ];
  test.each(refusals)('is refused for $why: $code', async ({ code, input, gate: given }) => {
    const gate = gateAt(db, shown.root, given?.() ?? {});
    const { refused } = await gate.presentAccreditation({ ...shown.input, ...input?.() });
    expect(refused.map((refusal) => refusal.code)).toEqual([code]);
    expect(await db.transaction((tx) => tx.select().from(presentation))).toEqual([]);
  });

  test("is refused for another holder's key: HOLDER_MISMATCH", async () => {
    const { publicJwk } = await makeSession();
    const input = { ...shown.input, holder: publicJwk };
    const { refused } = await gateAt(db, shown.root).presentAccreditation(input);
    expect(refused.map(({ code }) => code)).toEqual(['HOLDER_MISMATCH']);
  });

  test('is no consent, although its root and holder are right', async () => {
    const { holder, proofs } = shown.input;
    const dataWindow = { from: dateOf(0), until: dateOf(now) };
    const expires = dateOf(now + 60);
    const asked = { study: STUDY, purpose: 'TREAT', dataClasses: ['CONDITION'] } as const;
    const input = { ...asked, dataWindow, expires, holder, proofs };
    const { refused } = await gateAt(db, shown.root).presentConsents(input);
    expect(refused.map(({ code }) => code)).toEqual(['REQUEST_MISMATCH']);
  });

  test('ends 15 minutes after its root, which is how it is revoked', async () => {
    await gateAt(db, shown.root).presentAccreditation(shown.input);
    const { holder } = shown.session;
    const open = async (seconds: number) =>
      (await gateAt(db, shown.root, supersededFor(seconds)).open({ holder })).partners.length;
    expect([await open(900), await open(901)]).toEqual([1, 0]);
  });

  test('does not wait for a revocation feed, which says nothing of it', async () => {
    const gate = gateAt(db, shown.root, { feed: feedGap });
    await gate.presentAccreditation(shown.input);
    expect((await gate.open(shown.session)).partners).toHaveLength(1);
  });

  test('is not said to be none while there is no ledger to judge it by', async () => {
    await gateAt(db, shown.root).presentAccreditation(shown.input);
    const snapshot = () => {
      throw new DomainError('LEDGER_UNAVAILABLE');
    };
    const opened = await gateAt(db, shown.root, { snapshot }).open(shown.session);
    expect(() => opened.partners).toThrow(expect.objectContaining({ code: 'LEDGER_UNAVAILABLE' }));
  });
});
