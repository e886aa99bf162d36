import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const elsewhere = mkdtempSync(join(tmpdir(), 'assent-package-'));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};
let packed: readonly string[] = [];

/** The command as npm links it, run where nothing of this repository is near. */
async function assent(...args: string[]) {
  const { stdout } = await run(join(elsewhere, 'node_modules', '.bin', 'assent'), args, {
    cwd: elsewhere,
  });
  return stdout;
}

/**
 * Puts the packages of this repository there as links, so that npm need not unpack them again: it
 * keeps of them what the tarball asks for by its own package.json, and removes the others.
 */
async function layOutPackages(): Promise<void> {
  const to = join(elsewhere, 'node_modules');
  const from = join(root, 'node_modules');
  // Links need one file system, which a temporary folder may not share.
  await run('cp', ['-al', from, to]).catch(async () => {
    rmSync(to, { recursive: true, force: true });
    await run('cp', ['-a', from, to]);
  });
  rmSync(join(to, '.cache'), { recursive: true, force: true });
  rmSync(join(to, '.vite'), { recursive: true, force: true });
}

beforeAll(async () => {
  // `npm test` has built already; a lone run of this file may not have.
  if (!existsSync(join(root, 'dist/cli/main.js')))
    await run('npm', ['run', 'build'], { cwd: root });
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', elsewhere];
  const { stdout } = await run('npm', pack, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  const [tarball] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = tarball.files.map(({ path }) => path);
  writeFileSync(join(elsewhere, 'package.json'), '{ "private": true }');
  await layOutPackages();
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', [...install, `./${tarball.filename}`], { cwd: elsewhere });
}, 240_000);

test('the package holds what running needs, and nothing of how it was made', () => {
  for (const path of [
    'LICENSE',
    'README.md',
    'dist/cli/main.js',
    'circuits/artifacts/manifest.json',
    'circuits/artifacts/consent.zkey',
    'contracts/ConsentRegister.json',
    'schema/supergraph.graphql',
    'src/store/migrations/meta/_journal.json',
    'schema/operations/access.graphql',
    'src/federation/explorer/page/main.js',
    'src/federation/explorer/page/page.css',
  ]) {
    expect(packed).toContain(path);
  }
  const strange = packed.filter((path) =>
    /^(test|bench|\.ci|\.assent|node_modules)\/|\.(key|pem|env|log|tsbuildinfo)$/.test(path),
  );
  expect(strange).toEqual([]);
});

test('installed elsewhere, it has no package that only its making needs', () => {
  const there = (name: string) => existsSync(join(elsewhere, 'node_modules', name));
  expect(['snarkjs', 'graphql', 'viem'].filter((name) => !there(name))).toEqual([]);
  expect(['vitest', 'circomlibjs', '@biomejs/biome', 'tsx'].filter(there)).toEqual([]);
});

test('installed elsewhere, it says its version', async () => {
  expect((await assent('--version')).trim()).toContain(version);
});

test('installed elsewhere, it says what it can do', async () => {
  expect(await assent('--help')).toMatch(/pilot/);
});

test('installed elsewhere, its client kit can be imported', async () => {
  const script = `
    const { openWallet, newWalletSeed } = await import('assent/dist/client/consent/wallet.js');
    const study = { network: 'pilot', sponsor: 'northwind-trials', id: 'NCT90000001' };
    console.log(String(openWallet(newWalletSeed()).forStudy(study).pseudonym));`;
  const node = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: elsewhere,
  });
  expect(node.stdout.trim()).toMatch(/^[1-9][0-9]{60,76}$/);
});
