import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadNodeKeys } from '../../../src/cli/state/node-keys.js';
import { openStateFolder } from '../../../src/cli/state/state-folder.js';
import { toInstitutionId } from '../../../src/core/ids.js';

const home = mkdtempSync(join(tmpdir(), 'assent-node-keys-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('a key file of another version is refused by name, and left as it is', async () => {
  const folder = await openStateFolder(home);
  const institution = toInstitutionId('riverside-hospital');
  const made = await loadNodeKeys(folder, institution);
  expect(await loadNodeKeys(folder, institution)).toEqual(made);
  const file = join(home, 'nodes/riverside-hospital/keys.json');
  const { pathKey: _, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(earlier));
  await expect(loadNodeKeys(folder, institution)).rejects.toMatchObject({
    code: 'STATE_OTHER_VERSION',
  });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(earlier);
});
