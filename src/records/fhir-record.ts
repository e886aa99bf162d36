import type { Period } from '../core/time.js';
import type { Coding, RecordContent, TimelineClass } from './model.js';

/** A resource as the clinical_record table takes it. */
export interface ParsedRecord {
  readonly dataClass: TimelineClass;
  readonly content: RecordContent;
  /** Holds every date that the content tells of. */
  readonly span: Period;
  readonly codes: readonly Coding[];
  /** Codes of Observation.category; empty for other classes. */
  readonly categories: readonly string[];
}
