import { describe, expect, test } from 'vitest';
import { RootHistory } from '../../../src/ledger/watch/root-history.js';
import { LedgerSnapshot } from '../../../src/ledger/watch/snapshot.js';
import { decidedOf } from '../../support/ledger/decided.js';

const MINUTES_15 = 900;

/** Epochs `firstEpoch`, `firstEpoch` + 1, ... that begin at 1000, 2000, ... */
function historyOf(firstEpoch: number, roots: readonly bigint[]): RootHistory {
  return new RootHistory(
    firstEpoch,
    roots.map((root, i) => ({ root, anchoredAt: 1000 * (i + 1) })),
  );
}

function snapshotOf(roots: RootHistory, closedBefore = 0): LedgerSnapshot {
  return new LedgerSnapshot({
    chainId: 1,
    contract: '0x01',
    blockNumber: 1,
    blockHash: '0x02',
    readAtMs: 0,
    blockAtMs: 0,
    institutions: [],
    roots,
    decided: decidedOf(MINUTES_15, closedBefore),
  });
}

describe('acceptsRoot', () => {
  const snapshot = snapshotOf(historyOf(5, [50n, 60n, 70n]));
  const standing = (root: bigint, nowSeconds: number) =>
    snapshot.acceptsRoot(
      { root, epoch: Number(root) / 10 },
      { nowSeconds, statement: 'accreditation' },
    );

  test('calls the newest root current, however late it is', () => {
    expect(standing(70n, 1e9)).toBe('CURRENT');
  });

  test('counts from the moment the next epoch began, to the last second allowed', () => {
    expect(standing(60n, 3000 + MINUTES_15)).toBe('SUPERSEDED');
    expect(standing(60n, 3000 + MINUTES_15 + 1)).toBe('STALE');
    // 50 was superseded when 60 came, not when 70 did.
    expect(standing(50n, 2000 + MINUTES_15 + 1)).toBe('STALE');
  });

  test('takes a root superseded a moment ahead of the verifier’s clock', () => {
    expect(standing(60n, 2990)).toBe('SUPERSEDED');
  });

  test('knows neither a root never anchored nor one below the floor', () => {
    expect(standing(40n, 3000)).toBe('UNKNOWN');
    expect(standing(0n, 3000)).toBe('UNKNOWN');
  });

  test('judges a root by the epoch named, and names the last of a root anchored again', () => {
    const again = snapshotOf(historyOf(0, [10n, 20n, 10n, 30n]));
    const when = { nowSeconds: 4000 + MINUTES_15, statement: 'consent' } as const;
    expect(again.epochOf(10n)).toBe(2);
    expect(again.acceptsRoot({ root: 10n, epoch: 2 }, when)).toBe('SUPERSEDED');
    expect(again.acceptsRoot({ root: 10n, epoch: 0 }, when)).toBe('STALE');
    expect(again.acceptsRoot({ root: 20n, epoch: 2 }, when)).toBe('UNKNOWN');
    expect(again.acceptsRoot({ root: 10n, epoch: 4 }, when)).toBe('UNKNOWN');
  });

  test('knows no root of an epoch that ended, though a later one has its value', () => {
    // The register was so before the institution anchored, and is so again once its slot is emptied.
    const ended = snapshotOf(historyOf(7, [10n, 20n]));
    const when = { nowSeconds: 2000, statement: 'accreditation' } as const;
    expect(ended.acceptsRoot({ root: 10n, epoch: 3 }, when)).toBe('UNKNOWN');
    expect(ended.acceptsRoot({ root: 10n, epoch: 7 }, when)).toBe('SUPERSEDED');
  });
});

describe('a window that was shrunk and widened again', () => {
  test('takes nothing that was superseded before the moment at which it was closed', () => {
    const when = { nowSeconds: 3_100, statement: 'consent' } as const;
    const roots = historyOf(5, [50n, 60n, 70n]);
    expect(snapshotOf(roots, 3_000).acceptsRoot({ root: 60n, epoch: 6 }, when)).toBe('SUPERSEDED');
    expect(snapshotOf(roots, 3_001).acceptsRoot({ root: 60n, epoch: 6 }, when)).toBe('STALE');
    expect(snapshotOf(roots, 3_001).acceptsRoot({ root: 70n, epoch: 7 }, when)).toBe('CURRENT');
  });
});

describe('continuedBy', () => {
  const known = historyOf(5, [50n, 60n, 70n]);
  const tailFrom6 = [
    { root: 60n, anchoredAt: 2000 },
    { root: 70n, anchoredAt: 3000 },
    { root: 80n, anchoredAt: 4000 },
  ];

  test('appends what is new behind an equal overlap', () => {
    const next = known.continuedBy(6, tailFrom6, 5);
    expect(next).toMatchObject({ epoch: 8, firstEpoch: 5 });
    expect(next?.at(5)?.root).toBe(50n);
    expect(known.epoch).toBe(7);
  });

  test('drops what has ended', () => {
    const next = known.continuedBy(6, tailFrom6, 8);
    expect(next).toMatchObject({ epoch: 8, firstEpoch: 8 });
    expect(next?.lastEpochOf(70n)).toBeUndefined();
  });

  test('refuses an overlap that differs in a root, in a time or in length', () => {
    expect(known.continuedBy(6, [{ root: 61n, anchoredAt: 2000 }, ...tailFrom6.slice(1)], 5)).toBe(
      undefined,
    );
    expect(known.continuedBy(6, [{ root: 60n, anchoredAt: 2001 }, ...tailFrom6.slice(1)], 5)).toBe(
      undefined,
    );
    expect(known.continuedBy(6, tailFrom6.slice(0, 1), 5)).toBe(undefined);
  });
});
