import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import colors from 'picocolors';
import type { Config } from '../../../core/settings/config.js';
import type { Ends } from '../../process/ends.js';
import { lineOf } from '../../process/exit.js';
import { ownStage } from './own-stage.js';
import { runningStage } from './running-stage.js';
import type { Stage, Step } from './stage.js';
import { BrokenPromise } from './stage.js';
import { ANOTHER_HOLDER, FORGED_PRESENTATIONS } from './steps-attack.js';
import { ADMIT_A_SIXTH, KILL_A_HOSPITAL, WITHDRAW_AT_ONE } from './steps-network.js';
import {
  OUTSIDE_THE_SCOPE,
  PROVE_AND_PRESENT,
  READ_MERGED,
  WITHOUT_A_PROOF,
} from './steps-proof.js';

const STEPS: readonly Step[] = [
  WITHOUT_A_PROOF,
  PROVE_AND_PRESENT,
  READ_MERGED,
  OUTSIDE_THE_SCOPE,
  ANOTHER_HOLDER,
  FORGED_PRESENTATIONS,
  WITHDRAW_AT_ONE,
  KILL_A_HOSPITAL,
  ADMIT_A_SIXTH,
];

/** The outcome of one step. */
export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly skipped?: true;
}

/** Plays every step against the network at the URL, or against the tour's own. */
export async function playTour(
  config: Config,
  options: { readonly url: string | undefined; readonly ends: Ends; readonly stop: AbortSignal },
): Promise<readonly Outcome[]> {
  const { url, ends, stop } = options;
  if (url !== undefined) return play(await runningStage(config, url));
  const path = await mkdtemp(join(tmpdir(), 'assent-tour-'));
  ends.add(() => rm(path, { recursive: true, force: true }));
  return play(await ownStage(path, ends, stop));
}

async function play(stage: Stage): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, step] of STEPS.entries()) outcomes.push(await playOne(stage, step, at + 1));
  const held = outcomes.filter(({ ok, skipped }) => ok && !skipped).length;
  say(`\n${held} of ${STEPS.length} promises held.`);
  return outcomes;
}

async function playOne(stage: Stage, step: Step, number: number): Promise<Outcome> {
  const { name } = step;
  say(`\n${colors.bold(`${number} ${name}`)}\n  ${step.proves}`);
  if (step.needsOwn && stage.own === undefined) {
    say(`  ${colors.yellow('skipped')}: it needs a network of its own, as npm run tour has`);
    return { name, ok: true, ms: 0, skipped: true };
  }
  const startedMs = Date.now();
  try {
    const seen = await step.play(stage);
    const ms = Date.now() - startedMs;
    say(`  ${colors.green('✓')} ${seen} ${colors.dim(`${ms} ms`)}`);
    return { name, ok: true, ms };
  } catch (thrown) {
    const ms = Date.now() - startedMs;
    say(`  ${colors.red('✗')} ${reasonOf(thrown)} ${colors.dim(`${ms} ms`)}`);
    return { name, ok: false, ms };
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof BrokenPromise) return `does not hold: ${thrown.message}`;
  return lineOf(thrown);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
