import { type Clock, systemClock } from '../../core/clock.js';
import type { ErrorCode } from '../../core/error-codes.js';
import type { InstitutionId } from '../../core/ids.js';
import { PUZZLE_BITS, solvePuzzle } from '../../core/signed/puzzle.js';
import { handleOf } from '../../zk/leaf.js';
import type { RegisterPath } from '../../zk/tree.js';
import type { ConsentPackage } from './consent-package.js';

/** A consent and the path of its leaf, which show an institution that its handle is registered. */
export interface ProvenConsent {
  readonly consent: ConsentPackage;
  readonly path: RegisterPath;
}

/** Maximum number that an institution checks per request. */
const MAX_SHOWN = 32;
/** Each step asks for sixteen times as much work as the previous one; the last takes minutes. */
const BITS_A_STEP = 4;
const STEPS = 3;

const ASKS_FOR_WORK: ReadonlySet<string> = new Set<ErrorCode>([
  ...(['PUZZLE_MISSING', 'PUZZLE_INVALID', 'PUZZLE_TOO_EASY'] as const),
]);

/**
 * Sends secrets to one institution until it takes them. The first attempt has no proof, or shows
 * the consents that were registered elsewhere, as far as their paths are available. A path whose
 * root has expired is left out. Only if that is not enough is proof of work done for the secrets,
 * and more of it while many unknown secrets arrive there.
 *
 * @param task.send - sends these variables together with the secrets.
 * @param task.refusals - the codes in its answer.
 * @returns the last answer.
 */
export async function withProof<Answer>(task: {
  readonly institution: InstitutionId;
  readonly secrets: readonly bigint[];
  readonly proven: readonly ProvenConsent[];
  readonly send: (proof: Readonly<Record<string, unknown>>) => Promise<Answer>;
  readonly refusals: (answer: Answer) => readonly string[];
  readonly clock?: Clock;
}): Promise<Answer> {
  const { institution, secrets, send, clock = systemClock } = task;
  const handles = new Set(secrets.map(handleOf));
  const shown = task.proven
    .filter(({ consent }) => consent.institution !== institution)
    .filter(({ consent }) => handles.has(consent.fields.handle))
    .slice(0, MAX_SHOWN)
    .map(shownInput);
  let opened = shown.length === 0 ? {} : { shown };
  let answer = await send(opened);
  if (shown.length > 0 && task.refusals(answer).includes('PATH_INVALID')) {
    opened = {};
    answer = await send(opened);
  }
  for (let step = 0; step < STEPS; step += 1) {
    if (!task.refusals(answer).some((code) => ASKS_FOR_WORK.has(code))) break;
    const decimals = secrets.map(String);
    const work = { institution, secrets: decimals, at: clock.nowSeconds() };
    const { at, nonce } = await solvePuzzle(work, PUZZLE_BITS + step * BITS_A_STEP);
    answer = await send({ ...opened, puzzle: { at: String(at), nonce: String(nonce) } });
  }
  return answer;
}

function shownInput({ consent, path }: ProvenConsent) {
  const { validity, dataWindow, ...fields } = consent.fields;
  const { index, slot, issuerLeaf, shardSiblings, topSiblings } = path;
  return {
    ...decimalsOf({ ...fields, issuerLeaf }),
    ...decimalsOf({ validFrom: validity.from, validUntil: validity.until }),
    ...decimalsOf({ windowFrom: dataWindow.from, windowUntil: dataWindow.until }),
    index,
    slot,
    shardSiblings: shardSiblings.map(String),
    topSiblings: topSiblings.map(String),
  };
}

function decimalsOf(elements: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(elements).map(([name, value]) => [name, String(value)]));
}
