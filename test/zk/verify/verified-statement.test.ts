import { beforeAll, describe, expect, test } from 'vitest';
import {
  isVerifiedStatement,
  loadStatements,
  verifyStatement,
  verifyStatements,
} from '../../../src/zk/verify/verify.js';
import { pinnedOf } from '../corpus/pinned.js';

const pinned = pinnedOf('consent');
const { signals, proof } = pinned;

beforeAll(async () => {
  await loadStatements({ production: false, allowDevelopmentKeys: false });
});

describe('a verified statement', () => {
  test('cannot be made by anyone else: not by its constructor, its prototype or a cast', async () => {
    const verified = await verifyStatement('consent', signals, proof);
    const [same] = await verifyStatements('consent', [{ publicSignals: signals, proof }]);
    const Maker = verified.constructor as new (...given: readonly unknown[]) => unknown;
    expect(() => new Maker(Symbol('this module'), 'consent', verified.signals)).toThrow(
      'Invariant',
    );
    expect([verified, same].map(isVerifiedStatement)).toEqual([true, true]);
    const forged = [{ ...verified }, Object.create(verified), structuredClone({ ...verified })];
    expect([...forged, null, undefined, 'consent'].map(isVerifiedStatement)).toEqual(
      [...forged, null, undefined, 'consent'].map(() => false),
    );
  });

  test('cannot be changed into another', async () => {
    const verified = await verifyStatement('consent', signals, proof);
    expect(() => Object.assign(verified, { statement: 'accreditation' })).toThrow(TypeError);
    expect(() => Object.assign(verified.signals, { nym: 7n })).toThrow(TypeError);
  });

  test('is what no other object fits, for the compiler', () => {
    type Made = Awaited<ReturnType<typeof verifyStatement>>;
    // @ts-expect-error a private name is missing
    const forged: Made = { statement: 'consent', signals: {} };
    expect(forged).toBeDefined();
  });
});
