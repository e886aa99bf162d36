import { type Code, call as callIndex } from './wasm.js';

/** The functions of the module, by index. */
export const NAMES = [
  'multiplication',
  'squaring',
  'dotProduct',
  'reversal',
  'unpacking',
  'packing',
  'subtractionOfOrder',
  'placing',
  'affine',
  'mixing',
  'fifthPower',
  'fullRound',
  'absorption',
  'hash',
] as const;
export type Name = (typeof NAMES)[number];

export function call(name: Name, ...operands: Code[]): Code {
  return callIndex(NAMES.indexOf(name), ...operands);
}
