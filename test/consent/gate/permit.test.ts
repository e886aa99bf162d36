import { describe, expect, test } from 'vitest';
import { PermitSet } from '../../../src/consent/gate/permit.js';

describe('a PermitSet', () => {
  const permit = {
    study: 'NCT00000001',
    pseudonym: '1',
    handle: '1',
    purpose: 'TREAT',
    dataClasses: ['CONDITION'],
    labels: [],
    dataWindow: { from: 0, until: 1 },
    expires: 1,
  };

  test('made without the gate throws at the first question', () => {
    const forged: PermitSet = Object.create(PermitSet.prototype);
    const shadowed: PermitSet = Object.create(PermitSet.prototype, {
      permits: { value: [permit] },
    });
    expect(() => forged.permits).toThrow(TypeError);
    expect(() => forged.presented).toThrow(TypeError);
    expect(() => shadowed.forStudy('NCT00000001' as never)).toThrow(TypeError);
    expect(() => shadowed.presented).toThrow(TypeError);
  });

  test('once minted takes no permit more', () => {
    const empty = PermitSet.mint([], []);
    expect(() => (empty.permits as unknown[]).push(permit)).toThrow(TypeError);
    expect(() => Object.defineProperty(empty, 'permits', { value: [permit] })).toThrow(TypeError);
  });
});
