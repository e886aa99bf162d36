import type { RecordClass, RecordContent, Released } from '../model/model.js';
import type { WireOf } from '../model/wire-element.js';
import type { ParsedRecord } from './record.js';
import type { RecordTypes } from './type-record.js';

/**
 * Everything about a kind of rows: where it is asked for, how it is parsed and how it is released.
 */
export interface Kind<Resource, Content extends RecordContent> {
  /** The class that a permit must open. */
  readonly dataClass: RecordClass;
  /** Its GraphQL type, and the field of Participant that lists it. */
  readonly name: string;
  readonly field: string;
  /** What that field lists, for its description. */
  readonly words: string;
  /** What its filter accepts. */
  readonly filter: FilterShape;
  readonly wire: WireOf<Content>;
  /** @returns undefined for a resource that was entered in error, which is never released. */
  parse(resource: Resource): ParsedRecord<Content> | undefined;
  addType<Opened>(types: RecordTypes<Opened>): { readonly $inferType: Released & Content };
}

export interface FilterShape {
  /** The element that its time range is named after. */
  readonly range: string;
  /** The elements that its codes are read from. */
  readonly codes: string;
  /** The element that its categories are read from; null if its type has none. */
  readonly categories: string | null;
  /** Whether it can be found by its value. */
  readonly value: boolean;
}
