import type { Period } from '../core/time.js';
import type { Coding, RecordContent } from './model.js';

/** A resource as the clinical_record table takes it. */
export interface ParsedRecord<Content extends RecordContent = RecordContent> {
  readonly content: Content;
  /** Holds every date that the content tells of. */
  readonly span: Period;
  /** What a filter finds it by, of what leaves alone. */
  readonly codes: readonly Coding[];
  /** Codes of its categories; empty where its type has none. */
  readonly categories: readonly string[];
}
