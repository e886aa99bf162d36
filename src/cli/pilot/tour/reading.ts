import { PILOT_STUDY, type SeedPlan } from '../plan.js';
import { seededPack } from '../seeded-pack.js';
import { at, listAt } from './stage.js';

/** Four domains in one query: participants merged from all hospitals, a trial, and a pack. */
export const EVERYTHING = `query Everything(
  $study: ID!, $gtin: ID!, $serial: String!, $lot: String!, $expiry: Date!
) {
  study(id: $study) {
    participants(first: 10) {
      complete
      sources { institution { id } status }
      nodes {
        pseudonym
        withheld { dataClass reason }
        demographics { nodes { birthYear } }
        observations(first: 100) {
          complete
          sources { institution { id } status }
          nodes { id custodian { id } code { coding { code } } }
        }
        dispenses(first: 20) {
          nodes { custodian { id } lot { gtin lot product { name } holders { id } } }
        }
      }
    }
  }
  trial(id: $study) { title sites { institution { id name } } }
  verifyProduct(gtin: $gtin, serial: $serial, lot: $lot, expiry: $expiry) { verified complete }
}`;

/** Who can be seen, and from which nodes; short, because it is asked repeatedly. */
export const PARTICIPANTS = `query Participants($study: ID!) {
  study(id: $study) {
    participants(first: 50) {
      complete
      sources { institution { id } status }
      nodes { pseudonym observations(first: 200) { nodes { custodian { id } } } }
    }
  }
}`;

export function everythingVariables(plan: SeedPlan) {
  return { study: PILOT_STUDY.id, ...seededPack(plan) };
}

/** The participants of an answer; none if the study does not exist for this requester. */
export function participantsOf(answer: { readonly data: unknown }): readonly unknown[] {
  return listAt(answer.data, 'study', 'participants', 'nodes');
}

export function pseudonymsOf(answer: { readonly data: unknown }): readonly string[] {
  return participantsOf(answer).map((node) => String(at(node, 'pseudonym')));
}

/** The custodians of a participant's observations. */
export function custodiansOf(participant: unknown): ReadonlySet<string> {
  const rows = listAt(participant, 'observations', 'nodes');
  return new Set(rows.map((row) => String(at(row, 'custodian', 'id'))));
}

/** The status of each source of the participants, by institution. */
export function statusesOf(answer: { readonly data: unknown }): ReadonlyMap<string, string> {
  const sources = listAt(answer.data, 'study', 'participants', 'sources');
  return new Map(
    sources.map((source) => [
      String(at(source, 'institution', 'id')),
      String(at(source, 'status')),
    ]),
  );
}
