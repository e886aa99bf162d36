import { expect, test } from 'vitest';
import { untilServed } from '../../../src/cli/pilot/until-served.js';
import { DomainError } from '../../../src/core/errors.js';

const AT_ONCE = { forMs: 60_000, everyMs: 1 };

/** Answers, or fails, with each of these in turn. */
function inTurn(...turns: readonly unknown[]) {
  const left = [...turns];
  return async () => {
    const turn = left.shift();
    if (turn instanceof Error) throw turn;
    return turn;
  };
}

test('asks again what fails for now, and what is not whole', async () => {
  const ask = inTurn(new DomainError('LEDGER_UNAVAILABLE'), new DomainError('OVERLOADED'), 1, 2);
  expect(await untilServed(ask, (answer) => answer === 2, undefined, AT_ONCE)).toBe(2);
});

test('throws at once what does not help to ask again', async () => {
  const ask = inTurn(new DomainError('PROOF_INVALID'), 1);
  await expect(untilServed(ask, () => true, undefined, AT_ONCE)).rejects.toMatchObject({
    code: 'PROOF_INVALID',
  });
});

test('tells the failure, or the answer as it is, when its patience ends', async () => {
  const over = { forMs: -1, everyMs: 1 };
  const away = inTurn(new DomainError('LEDGER_UNAVAILABLE'));
  await expect(untilServed(away, () => true, undefined, over)).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
  });
  expect(await untilServed(inTurn(1), () => false, undefined, over)).toBe(1);
});
