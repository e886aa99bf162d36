import { DomainError } from '../../../src/core/errors.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import type { Subgraph } from '../../../src/federation/compose.js';
import { networkDomains } from '../../../src/federation/domains.js';
import type { Answer, AskNodes, Question, SourceStatus } from '../../../src/graph/ask.js';
import type { AskedInstitution } from '../../../src/network/ask-nodes.js';
import type { NetworkSource } from '../../../src/network/source.js';
import { networkOf } from '../../support/federation/stand.js';
import { hashOf } from './random.js';
import { createTelling } from './told.js';

const SILENT_PERCENT = 12;

/** Of every role, so that each question has somebody to answer it and mostly two. */
export const INSTITUTIONS: readonly AskedInstitution[] = [
  ['corner-pharmacy', ['PHARMACY']],
  ['lakeshore-hospital', ['HOSPITAL', 'PHARMACY']],
  ['meridian-trials', ['SPONSOR']],
  ['northwind-trials', ['SPONSOR']],
  ['riverside-hospital', ['HOSPITAL', 'PAYER']],
  ['summit-pharma', ['MANUFACTURER']],
].map(([id, roles]) => ({
  id: toInstitutionId(id as string),
  roles: roles as AskedInstitution['roles'],
  endpoint: '',
  status: 'ACTIVE',
}));

/** The domains over nodes that are not there, whose answers a seed decides. */
export interface ToldDomains {
  readonly subgraphs: readonly Subgraph[];
  /** Which world is asked from now on: what the nodes know, who is silent, whether the ledger is. */
  begin(seed: number): void;
  /** What a reader refused of an answer: a fault of this stand, not of a gateway. */
  readonly unread: Set<string>;
}

/** Real domains and real readers of nodes' answers; the nodes themselves are made up. */
export function toldDomains(): ToldDomains {
  let seed = 0;
  const unread = new Set<string>();
  const telling = tellingByName();

  function answer<Data>(question: Question<Data>, { id }: AskedInstitution): Answer<Data> {
    const drawn = hashOf(`${seed} ${id} ${question.subgraph}`);
    if (drawn % 100 < SILENT_PERCENT) {
      const status: SourceStatus = drawn % 2 === 0 ? 'UNAVAILABLE' : 'REFUSED';
      return { institution: id, status, latencyMs: null, data: undefined };
    }
    const ask = telling.get(question.subgraph);
    if (ask === undefined) throw new Error(`no node serves ${question.subgraph}`);
    const variables = { ...question.variables, ...question.variablesOf?.(id) };
    const { data, errors } = ask({ institution: id, seed }, question.document, variables);
    if (errors !== undefined) throw errors[0];
    try {
      // As it would come over the network: no prototype, no undefined.
      const read = question.parse(JSON.parse(JSON.stringify(data)), id);
      return { institution: id, status: 'OK', latencyMs: drawn % 50, data: read };
    } catch (thrown) {
      unread.add(
        `${question.document.slice(0, 60)} ${String(thrown).slice(0, 300)}\n${JSON.stringify(data).slice(0, 2_000)}`,
      );
      return { institution: id, status: 'UNAVAILABLE', latencyMs: null, data: undefined };
    }
  }

  const nodes: AskNodes = {
    ask: async (_requester, question) => {
      // The turns of the event loop that a network would take are what joins look-ups.
      await new Promise((resolve) => setImmediate(resolve));
      return askedOf(question.of).map((one) => answer(question, one));
    },
  };
  const activeInstitutions = () => INSTITUTIONS.map(({ id }) => id);
  const subgraphs = networkDomains({ nodes, network: ledgerOf(() => seed), activeInstitutions });
  return {
    subgraphs,
    unread,
    begin: (next) => {
      seed = next;
    },
  };
}

function tellingByName() {
  const nowhere = { nodes: {} as AskNodes, network: {} as NetworkSource };
  const served = networkDomains({ ...nowhere, activeInstitutions: () => [] });
  return new Map(served.map(({ name, schema }) => [name, createTelling(schema)]));
}

/** @throws DomainError INSTITUTION_UNKNOWN */
function askedOf(of: Question<unknown>['of']): readonly AskedInstitution[] {
  if ('roles' in of) {
    return INSTITUTIONS.filter(({ roles }) => roles.some((role) => of.roles.includes(role)));
  }
  return [...new Set(of.institutions)].sort().map((id) => {
    const found = INSTITUTIONS.find((one) => one.id === id);
    if (found === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution: id });
    return found;
  });
}

/** The ledger answers, but in one world of twenty. */
function ledgerOf(seed: () => number): NetworkSource {
  const atRest = networkOf(INSTITUTIONS);
  return {
    institutions: atRest.institutions,
    network: () => {
      if (hashOf(`ledger ${seed()}`) % 20 === 0) throw new DomainError('LEDGER_UNAVAILABLE');
      return atRest.network();
    },
  };
}
