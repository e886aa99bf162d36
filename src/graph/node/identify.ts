import { decodeId } from './id.js';
import { NODE_TYPES, type NodeType } from './interface.js';

/** What an id of Node names: no two types have ids of one form. */
export interface NamedNode {
  readonly type: NodeType;
  readonly key: readonly string[];
}

/** The ledger's own ids are unique by themselves, and so are the registry's of trials: they stay as they are. */
const TRIAL = /^NCT\d{8}$/;
const INSTITUTION = /^[a-z][a-z0-9-]{2,39}$/;

/** @returns undefined for what no object of a type of Node has. */
export function identify(id: string): NamedNode | undefined {
  if (INSTITUTION.test(id)) return { type: 'Institution', key: [id] };
  if (TRIAL.test(id)) return { type: 'Trial', key: [id] };
  const made = decodeId(id);
  const type = NODE_TYPES.find((name) => name === made?.type);
  // An institution or a trial has its own id and no second one.
  if (made === undefined || type === undefined) return undefined;
  if (type === 'Institution' || type === 'Trial') return undefined;
  return { type, key: made.key };
}
