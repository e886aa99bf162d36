import { z } from 'zod';
import { invariant } from '../../core/errors.js';
import { fieldText } from '../../core/field-text.js';
import type { InstitutionId, StudyId } from '../../core/ids.js';
import { keptForms } from '../../core/kept-forms.js';
import { listOf } from '../../core/list-of.js';
import { nameIn } from '../../core/name-in.js';
import { SUBTREE_KEY } from '../../core/subtree-key.js';
import { secondsFromIso } from '../../core/time.js';
import { type OwnStatus, ownSource } from '../../graph/own-source.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { DATA_CLASS_BITS, LABEL_BITS, PURPOSE_BITS } from '../../zk/vocabulary.js';
import {
  type Access,
  type ErasedConsents,
  type LinkedParticipant,
  type Outcome,
  type Refusals,
  type RegisteredConsent,
  refusalOf,
} from '../base/model.js';
import { REFUSAL_CODES } from '../base/refusal-code.js';

/** What was refused, by index and code. The sentence is ours: a node's own words are not passed on. */
const refusal = z
  .object({ index: z.int().min(0), code: nameIn(REFUSAL_CODES) })
  .transform(({ index, code }) => refusalOf(index, code));
const MAX_REFUSALS = 1_000;
/** More names than any vocabulary has. */
const MAX_NAMES = 64;
const refusals = listOf(refusal, MAX_REFUSALS);
const time = z.iso.datetime({ offset: true }).transform(secondsFromIso);

/** Passed on unchanged: only the caller knows which message it must sign. */
export const signedAnswer = z.object({
  nonce: z.string().max(64).nullable(),
  at: time,
  anchorBy: time.nullable(),
  signature: z.string().regex(/^0x[0-9a-f]{130}$/),
});

const presentedForm = z.object({
  presented: z.object({
    outcomes: listOf(
      z.object({
        institution: z.object({ id: z.string() }),
        status: z.literal('OK'),
        accepted: z.int().min(0),
        refused: refusals,
        held: listOf(z.int().min(0), 1_000).default([]),
        signed: signedAnswer.nullable().default(null),
      }),
      1,
      1,
    ),
  }),
});

const access = z
  .object({
    presented: z.int().min(1),
    purpose: nameIn(PURPOSE_BITS).nullable(),
    dataClasses: listOf(nameIn(DATA_CLASS_BITS), MAX_NAMES),
    labels: listOf(nameIn(LABEL_BITS), MAX_NAMES),
    dataWindow: z.object({ from: time, until: time }),
    expires: time,
  })
  .nullable();

const institution = z.object({ id: z.string() });
const refusedForm = z.object({
  __typename: z.literal('Refusals'),
  refused: listOf(refusal, MAX_REFUSALS, 1),
});
const registeredForm = z.object({
  result: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('ConsentReceipt'),
      institution,
      index: z
        .int()
        .min(0)
        .max(2 ** SHARD_LEVELS - 1),
      leaf: fieldText,
      registeredAt: time,
      subtreeKey: z.string().regex(SUBTREE_KEY),
      signed: signedAnswer,
    }),
    refusedForm,
  ]),
});
const linkedForm = z.object({
  result: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('LinkReceipt'),
      institution,
      pseudonym: fieldText,
      proxyUntil: time.nullable(),
      confirmed: z.boolean(),
      signed: signedAnswer,
    }),
    refusedForm,
  ]),
});

const erasedForm = z.object({
  result: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('ErasureReceipt'),
      institution,
      erased: z.int().min(0),
      signed: signedAnswer,
    }),
    refusedForm,
  ]),
});

/** Reads one node's outcome. It speaks for itself alone, and of no more than it was sent. */
export function parseOutcome(sent: number) {
  return (data: unknown, asked: InstitutionId): Outcome => {
    const { outcomes } = presentedForm.parse(data).presented;
    const [outcome] = outcomes;
    invariant(outcome?.institution.id === asked, 'a node answers for itself');
    const { accepted, refused, held, signed } = outcome;
    const named = [...refused.map(({ index }) => index), ...held];
    const fits = new Set(named).size === named.length && named.every((index) => index < sent);
    invariant(fits && accepted + refused.length === sent, 'a node answers for what it was sent');
    return { institution: asked, status: 'OK', accepted, refused, held, signed };
  };
}

/** What one node's permits open in a study, and whether it was shown anything at all. */
export interface NodeAccess {
  readonly access: Access | null;
  readonly status: OwnStatus;
}

const accessesForm = keptForms((asked: InstitutionId, count: number) => {
  const entity = z.object({ registryId: z.string(), access, sources: ownSource(asked) });
  return z.object({ _entities: listOf(entity, count, count) });
});

/** Reads one node's accesses, in the order of the studies asked. */
export function parseAccesses(studies: readonly StudyId[]) {
  return (data: unknown, asked: InstitutionId): readonly NodeAccess[] => {
    const { _entities: entities } = accessesForm(asked, studies.length).parse(data);
    return studies.map((study, i) => {
      const entity = entities[i];
      invariant(entity?.registryId === study, 'a node answers in the order asked');
      const opened = entity.access === null ? null : { study, ...entity.access };
      return { access: opened, status: entity.sources };
    });
  };
}

export function parseRegistered(data: unknown, asked: InstitutionId): RegisteredConsent | Refusals {
  const { result } = registeredForm.parse(data);
  if (result.__typename === 'Refusals') return { refused: result.refused };
  const { index, leaf, registeredAt, subtreeKey, signed } = result;
  invariant(result.institution.id === asked, 'a node answers for itself');
  return { institution: asked, index, leaf, registeredAt, subtreeKey, signed };
}

/** Reads what a node has erased: never more than it was sent. */
export function parseErased(sent: number) {
  return (data: unknown, asked: InstitutionId): ErasedConsents | Refusals => {
    const { result } = erasedForm.parse(data);
    if (result.__typename === 'Refusals') return { refused: result.refused };
    invariant(result.institution.id === asked, 'a node answers for itself');
    invariant(result.erased <= sent, 'a node answers for what it was sent');
    return { institution: asked, erased: result.erased, signed: result.signed };
  };
}

export function parseLinked(data: unknown, asked: InstitutionId): LinkedParticipant | Refusals {
  const { result } = linkedForm.parse(data);
  if (result.__typename === 'Refusals') return { refused: result.refused };
  invariant(result.institution.id === asked, 'a node answers for itself');
  const { pseudonym, proxyUntil, confirmed, signed } = result;
  return { institution: asked, pseudonym, proxyUntil, confirmed, signed };
}
