import type { Period, Seconds } from '../../../core/time.js';
import { institutionField } from '../../../zk/arithmetic/field.js';
import type { LeafPeriod } from '../../../zk/leaf.js';
import { dutiesOf, scopeOf } from '../../../zk/vocabulary.js';
import { type Explanation, explainConsent } from '../../disclosures/explain.js';
import type { OwnConsent } from './model.js';

/**
 * What a consent lets through at a moment, from what it says alone. A gateway computes it itself:
 * it does not pass on a node's explanation.
 */
export function explainOwn(consent: OwnConsent, now: Seconds): Explanation {
  const { custodian, withdrawnAt } = consent;
  const fields = {
    requester: BigInt(consent.requester),
    institution: custodian === null ? 0n : institutionField(custodian),
    scope: scopeOf(consent),
    duties: dutiesOf(consent.duties),
    validity: toLeafPeriod(consent.validity),
    dataWindow: toLeafPeriod(consent.dataWindow),
    withdrawnAt,
  };
  return explainConsent(fields, now, { institutions: custodian === null ? [] : [custodian] });
}

function toLeafPeriod({ from, until }: Period): LeafPeriod {
  return { from: BigInt(from), until: BigInt(until) };
}
