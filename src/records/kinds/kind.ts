import type { RecordClass, RecordContent, Released } from '../model/model.js';
import type { WireOf } from '../model/wire-element.js';
import type { ParsedRecord } from './record.js';
import type { RecordTypes } from './type-record.js';

/** All there is to know of a kind of rows: where it is asked for, how it is read, how it leaves. */
export interface Kind<Resource, Content extends RecordContent> {
  /** What a permit must open. */
  readonly dataClass: RecordClass;
  /** Its GraphQL type, and the field of Participant that lists it. */
  readonly name: string;
  readonly field: string;
  /** What that field lists, for its description. */
  readonly words: string;
  /** What its filter takes beside codes. */
  readonly filter: FilterShape;
  readonly wire: WireOf<Content>;
  /** Undefined for what was entered in error, so that nobody is told of it. */
  parse(resource: Resource): ParsedRecord<Content> | undefined;
  addType<Opened>(types: RecordTypes<Opened>): { readonly $inferType: Released & Content };
}

export interface FilterShape {
  /** The element that its time range is named after. */
  readonly range: string;
  /** What its codes are found in. */
  readonly codes: string;
  /** The element that its categories are read from; null if its type has none. */
  readonly categories: string | null;
  /** Whether it can be found by its value. */
  readonly value: boolean;
}
