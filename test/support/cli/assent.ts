import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort, findFreePorts } from '../../../src/cli/process/ports.js';
import { layPglite } from '../store/pglite-image.js';

/** The command as `npm test` has built it: what users run. */
export const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
/** Far more than a pilot takes: a machine may be busy with much else. */
const PILOT_READY_MS = 240_000;
/** For the hook or test that starts one. */
export const START_TIMEOUT_MS = 270_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
  /** @throws with all that was printed, if the command ends or the time does before it prints that. */
  untilPrinted(pattern: RegExp, withinMs: number): Promise<RegExpExecArray>;
  /** Ends it by that signal, and waits. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

/** What a suite that fails half-way has not ended itself. */
const started = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});

/** Starts `assent` with these arguments, and with these variables beside the usual ones. */
export function startAssent(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'development', ...env },
  });
  started.add(child);
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    printed.stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    printed.stderr += chunk.toString('utf8');
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...printed }));
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    pid: child.pid ?? 0,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    ended,
    async untilPrinted(pattern, withinMs) {
      const untilMs = Date.now() + withinMs;
      for (;;) {
        const found = pattern.exec(printed.stdout + printed.stderr);
        if (found !== null) return found;
        if (isOver() || Date.now() > untilMs) {
          throw new Error(`never printed ${pattern}:\n${printed.stdout}${printed.stderr}`);
        }
        await delay(50);
      }
    },
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs `assent` to its end. */
export function assent(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startAssent(args, env).ended;
}

/** The ports of one pilot, beside any other that runs. */
export interface PilotPorts {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
}

export async function choosePorts(): Promise<PilotPorts> {
  const [gatewayPort, ledgerPort] = [await findFreePort(), await findFreePort()];
  return {
    url: `http://127.0.0.1:${gatewayPort}`,
    env: {
      ASSENT_GATEWAY_PORT: String(gatewayPort),
      ASSENT_LEDGER_PORT: String(ledgerPort),
      ASSENT_NODE_PORT: String(await findFreePorts(5)),
      ASSENT_CADENCE_SECONDS: '10',
      // Nothing here waits for a withdrawal to arrive, and each question costs the suites beside it.
      ASSENT_FEED_POLL_SECONDS: '3',
    },
  };
}

/** Starts a small pilot in that folder, five of whose people sign a consent, and waits until it says that it is ready. */
export async function startPilot(folder: string, { env }: PilotPorts): Promise<Running> {
  const database = join(folder, 'database');
  if (!existsSync(database)) await layPglite(database);
  const pilot = startAssent(['--state-folder', folder, 'pilot', '--people', '24'], env);
  try {
    await pilot.untilPrinted(/Ready after/, PILOT_READY_MS);
    return pilot;
  } catch (late) {
    await pilot.end('SIGKILL');
    throw late;
  }
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly data: Record<string, unknown> | null | undefined;
  readonly codes: readonly string[];
}

/** Asks a gateway as any client does. */
export async function ask(
  url: string,
  query: string,
  options: { readonly variables?: object; readonly token?: string | undefined } = {},
): Promise<Answer> {
  const { variables, token } = options;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text) as {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { readonly extensions: { readonly assentCode: string } }[];
  };
  return { status: response.status, text, data, codes: errors.map((e) => e.extensions.assentCode) };
}

/** The token that a persona's page is filled in with. */
export async function tokenOnPage(url: string, persona: string): Promise<string> {
  const page = await (await fetch(`${url}/explorer?persona=${persona}`)).text();
  const token = /Bearer ([\w-]+\.[\w-]+\.[\w-]+~[\w-]+)/.exec(page)?.[1];
  if (token === undefined) throw new Error(`the page of ${persona} has no token`);
  return token;
}
