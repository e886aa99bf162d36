import type { DocumentSize } from './measure.js';

/** Bytes of a request body: a thousand proofs with their signals are about two million. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Bytes of a document's text, comments included. The wallet's longest operation has about two thousand. */
export const MAX_DOCUMENT_BYTES = 64 * 1024;

/** Tokens of a document. Comparing like fields is quadratic in them: 2,000 cost about 0.1 s. */
export const MAX_TOKENS = 2_000;

/**
 * What a document may come to, fragments unfolded. The longest in `schema/operations` has 40 selections, 9
 * fields below one another and 4 root fields. Each root field, and each that an alias asks for again, is a
 * question to nodes: 9 ms of a core for one node. `npm run bench:document` measures the costliest of each kind.
 */
export const MAX_SIZE: DocumentSize = {
  selections: 500,
  depth: 16,
  aliases: 20,
  directives: 50,
  rootFields: 16,
};

/** Entities in one `_entities` question to a node: no page is longer. */
export const MAX_REPRESENTATIONS = 1_000;

/** The same from a router, which asks at once for what all pages below one another name. */
export const MAX_ROUTED_REPRESENTATIONS = 50_000;

/** Items of all lists in the variables of an operation: a thousand proofs with their signals have 28,000. */
export const MAX_LIST_ITEMS = 50_000;

/** Rows that one operation may ask for, pages multiplied where they nest. */
export const MAX_ROWS = 200_000;

/**
 * Errors that one answer reports, in addition to the first of each further code. Each costs 0.1 ms
 * of a core and more.
 */
export const MAX_ERRORS = 100;
