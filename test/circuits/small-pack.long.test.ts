import { expect, test } from 'vitest';
import {
  compileSmall,
  hashOfSmallSources,
  SMALL_NAMES,
} from '../support/circuits/small-compilation.js';
import { PACK, readPack } from '../support/circuits/small-pack.js';

test.each(SMALL_NAMES)(
  'the committed instance of %s is what compiling it now gives',
  async (name) => {
    const committed = readPack(PACK, hashOfSmallSources())?.[name];
    const compiled = await compileSmall(name);
    for (const part of ['calculator', 'constraints', 'wires'] as const) {
      // Not toEqual, which would print megabytes.
      expect(Buffer.compare(compiled[part], committed?.[part] ?? new Uint8Array())).toBe(0);
    }
  },
);
