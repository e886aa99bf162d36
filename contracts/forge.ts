/**
 * Runs forge, the binary that npm installed for this machine, on the contracts' tests. It compiles them with the
 * same compiler as compile.ts and asks nothing of any network.
 *
 * Run: npx tsx contracts/forge.ts [arguments of `forge test`]
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const CONTRACTS = fileURLToPath(new URL('.', import.meta.url));

/** What a run of forge said. */
export interface ForgeRun {
  /** 0 if all is well; null if it was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws Error if npm has no forge for this platform: a suite that cannot run must not seem to have passed. */
export function forgeBinary(): string {
  const require = createRequire(import.meta.url);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const platformPackage = `@foundry-rs/forge-${process.platform}-${architecture}`;
  const file = process.platform === 'win32' ? 'forge.exe' : 'forge';
  // Resolved from the launcher's place: npm may nest the platform package below it.
  const launcher = createRequire(require.resolve('@foundry-rs/forge/package.json'));
  try {
    return launcher.resolve(`${platformPackage}/bin/${file}`);
  } catch {
    throw new Error(`The contracts' tests need ${platformPackage}, which npm did not install.`);
  }
}

/**
 * @param parameters - of forge, its command first.
 * @param profile - of foundry.toml: how long to fuzz.
 * @param env - ASSENT_SOLC, which solc.mjs reads.
 */
export async function runForge(
  parameters: readonly string[],
  profile: 'default' | 'quick' = 'default',
  env: NodeJS.ProcessEnv = {},
): Promise<ForgeRun> {
  const child = spawn(forgeBinary(), [...parameters, '--root', '.'], {
    cwd: CONTRACTS,
    env: { ...process.env, ...env, FOUNDRY_PROFILE: profile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { exitCode, ...said };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { exitCode, stdout, stderr } = await runForge(['test', ...process.argv.slice(2)]);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode ?? 1;
}
