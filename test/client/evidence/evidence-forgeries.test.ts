import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRecord } from '../../../src/client/evidence/check.js';
import type { Evidence } from '../../../src/core/evidence/evidence.js';
import {
  hideParts,
  KINDS,
  type KindName,
  proveKinds,
} from '../../support/client/evidence-kinds.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';

type Network = Awaited<ReturnType<typeof openAnchoredNetwork>>;

let network: Network;
let proven: Record<KindName, Evidence>;

beforeAll(async () => {
  network = await openAnchoredNetwork(3);
  proven = await proveKinds(network, 0);
});
afterAll(() => network.close());

const mismatch = (field: string) =>
  expect.objectContaining({ code: 'EVIDENCE_RECORD_MISMATCH', facts: { field } });

describe('evidence-empty-list:', () => {
  test.each(['phase', 'conditions', 'sites'])(
    'evidence-empty-list: %s of a trial hidden and written as [] is refused',
    (field) => {
      const hidden = hideParts(proven.trial, (name) => name === field);
      const forged = { ...KINDS.trial.record, [field]: [] };
      expect(() => checkRecord(forged, hidden)).toThrow(mismatch(field));
      // Without the field at all, the same evidence holds for the rest.
      const { [field]: _, ...rest } = KINDS.trial.record as Record<string, unknown>;
      expect(() => checkRecord(rest, hidden)).not.toThrow();
    },
  );

  test('evidence-empty-list: the things that an event touched, written as [], are refused', () => {
    const forged = { ...KINDS.event.record, epcs: [] };
    expect(() => checkRecord(forged, proven.event)).toThrow(mismatch('epcs'));
  });

  test.each<[string, KindName, unknown]>([
    ['an empty list', 'trial', []],
    ['an empty list', 'event', []],
    ['an empty list', 'disclosure', []],
    ['nothing', 'trial', null],
    ['nothing', 'event', null],
    ['an empty object', 'trial', {}],
  ])(
    'evidence-empty-list: adverseEvents never logged, as %s in a record of %s, is refused',
    (_, kind, value) => {
      const forged = { ...KINDS[kind].record, adverseEvents: value };
      const field = kind === 'disclosure' ? '(record)' : 'adverseEvents';
      expect(() => checkRecord(forged, proven[kind])).toThrow(mismatch(field));
      expect(() => checkRecord(KINDS[kind].record, proven[kind])).not.toThrow();
    },
  );

  test('evidence-empty-list: a record that is nothing but the invented list is refused', () => {
    expect(() => checkRecord({ adverseEvents: [] }, proven.trial)).toThrow(
      mismatch('adverseEvents'),
    );
  });
});
