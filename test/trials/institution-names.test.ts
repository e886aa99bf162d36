import { expect, test } from 'vitest';
import { type InstitutionId, toInstitutionId } from '../../src/core/ids.js';
import { namesOf } from '../../src/trials/institution-names.js';

const A = toInstitutionId('clinic-a');
const B = toInstitutionId('clinic-b');
const PARTY = 'urn:epc:id:pgln:0614141.00777';

function found(names: ReadonlyMap<string, InstitutionId>, ...asked: readonly string[]) {
  return asked.map((one) => names.get(one));
}

test('an institution is known by its name, its id and its parties, and by nothing near them', () => {
  const names = namesOf([{ id: A, name: 'Klinikum Ästuar', parties: [PARTY] }]);
  expect(found(names, 'Klinikum Ästuar', 'clinic-a', PARTY)).toEqual([A, A, A]);
  const near = ['klinikum ästuar', 'Klinikum Ästuar ', 'Klinikum', '', `${PARTY}.0`, '__proto__'];
  expect(found(names, ...near)).toEqual(near.map(() => undefined));
});

test('what two institutions bear names neither of them, whatever it is of each', () => {
  const names = namesOf([
    { id: A, name: 'General Hospital', parties: [PARTY] },
    { id: B, name: 'General Hospital', parties: ['clinic-a', PARTY] },
  ]);
  expect(found(names, 'General Hospital', PARTY, 'clinic-a', 'clinic-b')).toEqual([
    ...[undefined, undefined, undefined],
    B,
  ]);
});

test('an institution without a name is not meant by what has none', () => {
  expect([...namesOf([{ id: A, name: '', parties: [] }]).keys()]).toEqual(['clinic-a']);
});
