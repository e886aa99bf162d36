import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, print } from 'graphql';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError, invariant } from '../../core/errors.js';
import { requireSmallSource } from '../document/guard.js';
import { readManifest } from './manifest.js';

/**
 * What is answered: every document (`off`), every document and the trusted ones by hash too (`also`), or the
 * trusted ones alone (`only`).
 */
export type Trust = 'off' | 'also' | 'only';

/** Documents that the operator of a gateway has read before anybody asks them. */
export interface TrustedDocuments {
  readonly trust: Trust;
  /** The text of a document by its SHA-256, 64 lower-case hexadecimal digits. */
  textOf(hash: string): string | undefined;
  /** Whether a document is one of them: by its exact text, or as `print` of graphql-js writes it. */
  has(text: string): boolean;
}

export interface TrustedSources {
  readonly trust: Trust;
  /** A folder of `.graphql` files and `.json` manifests, without the folders within it. */
  readonly folder?: string | undefined;
  /** Documents that a program of this project sends. */
  readonly documents?: readonly string[];
}

/** The ready operations of this project. */
const READY_FOLDER = fileURLToPath(new URL('../../../schema/operations/', import.meta.url));

/**
 * Reads the documents that a gateway trusts: those of `schema/operations`, those that it is given, and a folder's.
 *
 * Each is known by the hash of its file's text, with and without white space around it, and of what graphql-js
 * prints of it, as clients send it.
 *
 * @throws DomainError FILE_UNREADABLE for a folder or a file; CONFIGURATION_INVALID {trustedDocumentsFolder, file}
 * for what is no document, is larger than any that is answered, or has another hash than its manifest says.
 */
export function openTrustedDocuments({
  trust,
  folder,
  documents = [],
}: TrustedSources): TrustedDocuments {
  const texts = new Map<string, string>();
  const trustDocument = (text: string): void => {
    requireSmallSource(text);
    for (const form of [text, text.trim(), print(parse(text))]) texts.set(sha256Hex(form), form);
  };
  if (trust !== 'off') {
    for (const name of filesIn(READY_FOLDER, '.graphql')) trustDocument(read(READY_FOLDER, name));
    for (const text of documents) trustDocument(text);
  }
  if (trust !== 'off' && folder !== undefined) {
    for (const name of filesIn(folder, '.graphql', '.json')) {
      const text = read(folder, name);
      orInvalid(name, () => {
        const found = name.endsWith('.json') ? readManifest(text) : [text];
        for (const one of found) trustDocument(one);
      });
    }
  }
  return {
    trust,
    textOf: (hash) => texts.get(hash),
    has: (text) => texts.has(sha256Hex(text)),
  };
}

function filesIn(folder: string, ...endings: readonly string[]): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => endings.some((ending) => name.endsWith(ending)));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', { folder }, cause);
  }
}

function read(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8');
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', { file }, cause);
  }
}

function orInvalid(file: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    invariant(cause instanceof Error, 'what is thrown is an error');
    const facts = { trustedDocumentsFolder: cause.message.slice(0, 200), file };
    throw new DomainError('CONFIGURATION_INVALID', facts, cause);
  }
}
