import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type GasTable, measureGas } from '../../bench/gas.js';

/** Either way: what became cheaper is to be written down too (npm run gas), or a later rise hides in it. */
const BUDGET = 0.02;
/** Above it, no chain takes the contract. @source EIP-170 */
const MAX_CODE_BYTES = 24_576;

const file = new URL('../../contracts/gas.json', import.meta.url);

test('every write costs the gas that is written down, within 2 %', async () => {
  const written = JSON.parse(readFileSync(file, 'utf8')) as GasTable;
  const measured = await measureGas();
  expect(Object.keys(measured)).toEqual(Object.keys(written));
  const beyond = Object.entries(measured).filter(([what, gas]) => {
    const before = written[what] ?? 0;
    return Math.abs(gas - before) > BUDGET * before;
  });
  expect(beyond).toEqual([]);
  expect(measured['bytes of the register']).toBeLessThanOrEqual(MAX_CODE_BYTES);
});
