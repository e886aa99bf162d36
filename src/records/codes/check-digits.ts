// Multiplication in the dihedral group D5, and the permutation that Verhoeff applies per digit.
const TIMES = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
] as const;
const PLACE = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
] as const;

/**
 * SNOMED CT's check digit. Nine out of ten numbers that are not SNOMED codes fail it.
 *
 * @source SNOMED CT Release File Specifications, SCTID check digit
 */
export function hasVerhoeffDigit(code: string): boolean {
  let sum = 0;
  for (const [i, digit] of [...code].reverse().entries()) {
    sum = Number(TIMES[sum]?.[Number(PLACE[i % 8]?.[Number(digit)])]);
  }
  return sum === 0;
}

/**
 * LOINC's check digit over the part before the hyphen. The letters of answers (LA), parts (LP),
 * groups (LG) and answer lists (LL) count too, each as its distance from the character 0.
 *
 * @source LOINC Users' Guide, appendix C, for numbers; for letters, worked out from 800 codes of
 *   answers and parts that HL7's terminology server displays, all of which it fits
 */
export function hasLoincDigit(code: string): boolean {
  const [number = '', check] = code.split('-');
  let sum = 0;
  for (const [i, character] of [...number].reverse().entries()) {
    const value = character.charCodeAt(0) - '0'.charCodeAt(0);
    sum += i % 2 === 0 ? digitSum(2 * value) : value;
  }
  return (10 - (sum % 10)) % 10 === Number(check);
}

/**
 * The check character of a UNII: the sum of the nine before it, in base 36.
 *
 * @source FDA Substance Registration System, user's guide
 */
export function hasUniiCharacter(code: string): boolean {
  const values = [...code].map((character) => Number.parseInt(character, 36));
  const sum = values.slice(0, -1).reduce((total, value) => total + value, 0);
  return sum % 36 === values.at(-1);
}

function digitSum(value: number): number {
  return Math.floor(value / 10) + (value % 10);
}
