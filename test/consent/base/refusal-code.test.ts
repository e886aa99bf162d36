import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../../src/consent/base/model.js';
import {
  canRefuse,
  REFUSAL_CODES,
  type RefusalCode,
} from '../../../src/consent/base/refusal-code.js';
import { ERROR_CODES, type ErrorCode } from '../../../src/core/error-codes.js';
import { DomainError } from '../../../src/core/errors.js';
import { targetOf } from '../../law/rules.js';
import { nameOf, readSources, type SourceFile } from '../../law/source-file.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const byPath = new Map(readSources(root, 'src').map((file) => [file.path, file]));

/** Files that list codes and throw none. */
const LISTS = ['src/core/error-codes.ts', 'src/core/errors.ts', 'src/consent/base/refusal-code.ts'];

/** What a node answers presentations, wallets and withdrawals with, and what decides on them. */
const ENTRIES = [
  'src/consent/answers/node-consents.ts',
  'src/consent/gate/gate.ts',
  'src/zk/verify/verify.ts',
  'src/ledger/watch/watch.ts',
];

/** Codes that this code can throw and that no answer refuses with, and why not. */
const NEVER_REFUSED: Partial<Record<ErrorCode, string>> = {
  CODE_UNKNOWN: 'words of the vocabulary come as enum values, so that GraphQL refuses others',
  TOKEN_MISSING: 'it is an error of the whole field: nobody is known whom to answer',
  RESTORED_OLD: 'the node is about to end, and has judged nothing',
  INSTITUTION_UNKNOWN: 'it is of an institution that the node itself looks up',
  SUBTREE_KEY_REQUIRED: 'it is of a route',
  ARTIFACT_MISMATCH: 'it is thrown at the start, before anything is answered',
  DEVELOPMENT_KEYS_REFUSED: 'it is thrown at the start, before anything is answered',
  FILE_UNREADABLE: 'it is thrown at the start, before anything is answered',
  LEDGER_REFUSED: 'it is of writing to the ledger',
  ACCOUNT_UNFUNDED: 'it is of writing to the ledger',
};

describe('RefusalCode is what an answer can refuse with', () => {
  const thrown = codesNamedFrom(ENTRIES);

  test('and each code that the code names is one, or is not for a reason', () => {
    const unclassed = [...thrown].filter(
      (code) => !Object.hasOwn(REFUSAL_CODES, code) && NEVER_REFUSED[code] === undefined,
    );
    expect(unclassed).toEqual([]);
  });

  test('and nothing more: each of them stands in that code', () => {
    const listed = Object.keys(REFUSAL_CODES) as ErrorCode[];
    expect(listed.filter((code) => !thrown.has(code))).toEqual([]);
    const reasons = Object.keys(NEVER_REFUSED) as ErrorCode[];
    expect(reasons.filter((code) => !thrown.has(code))).toEqual([]);
  });

  test('and no code is both', () => {
    expect(Object.keys(NEVER_REFUSED).filter((code) => Object.hasOwn(REFUSAL_CODES, code))).toEqual(
      [],
    );
  });

  test('any other error remains a failure of the whole field', () => {
    expect(canRefuse(new DomainError('SIGNATURE_INVALID'))).toBe(true);
    expect(canRefuse(new DomainError('RESTORED_OLD'))).toBe(false);
    // A fault of ours is a code of a refusal only where a whole batch must not fail for one proof.
    expect(canRefuse(new DomainError('INTERNAL'))).toBe(false);
    expect(canRefuse(new Error('no code'))).toBe(false);
    // @ts-expect-error another code does not compile
    const other: RefusalCode = 'CEREMONY_EXISTS';
    expect(refusalOf(0, 'BAD_INPUT')).toMatchObject({ code: 'BAD_INPUT', retry: 'NEVER' });
    expect(Object.hasOwn(REFUSAL_CODES, other)).toBe(false);
  });
});

/** Every error code that these files name, or files whose code they run. */
function codesNamedFrom(entries: readonly string[]): ReadonlySet<ErrorCode> {
  const reached = new Set<SourceFile>();
  const visit = (path: string): void => {
    const file = byPath.get(path);
    if (file === undefined || reached.has(file)) return;
    reached.add(file);
    for (const one of file.imports) {
      const target = one.typeOnly ? undefined : targetOf(file, one);
      if (target !== undefined) visit(target);
    }
  };
  for (const entry of entries) visit(entry);
  const names = [...reached]
    .filter(({ path }) => !LISTS.includes(path))
    .flatMap(({ nodes }) => nodes.filter(({ type }) => type === 'Literal').map(nameOf));
  return new Set(
    names.filter(
      (name): name is ErrorCode => name !== undefined && Object.hasOwn(ERROR_CODES, name),
    ),
  );
}
