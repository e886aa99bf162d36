import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runVerify } from '../../../src/cli/commands/command-verify.js';
import type { Evidence } from '../../../src/core/evidence/evidence.js';
import {
  hideParts,
  KINDS,
  type KindName,
  proveKinds,
} from '../../support/client/evidence-kinds.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';

type Network = Awaited<ReturnType<typeof openAnchoredNetwork>>;

let network: Network;
let proven: Record<KindName, Evidence>;
let folder: string;

beforeAll(async () => {
  network = await openAnchoredNetwork(3);
  proven = await proveKinds(network, 0);
  folder = await mkdtemp(join(tmpdir(), 'assent-verify-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await network.close();
});

/** As the API answers it. */
function answered(record: object, evidence: Evidence): object {
  const { institution, ...anchor } = evidence.anchor;
  return {
    ...record,
    evidence: { ...evidence, anchor: { ...anchor, institution: { id: institution } } },
  };
}

/** What the command prints of a document, and the code that it ends with. */
async function verify(document: unknown, whole?: boolean) {
  const file = join(folder, 'document.json');
  await writeFile(file, JSON.stringify(document));
  const lines: string[] = [];
  const printed = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  const ledger = network.chain.anvil.url;
  const options = { file, ledger, contract: network.register.contract, whole: whole === true };
  const thrown = await runVerify(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  printed.mockRestore();
  return { said: lines.join(''), code: (thrown as { code?: string } | undefined)?.code };
}

describe('assent verify', () => {
  test('says of each record what is whole, what is some of a number, and what is not shown', async () => {
    const { sites: _, ...trial } = KINDS.trial.record as Record<string, unknown>;
    const hidden = hideParts(proven.trial, (name) => name === 'sites');
    const events = [answered(KINDS.event.record, proven.event)];
    const { said, code } = await verify({ trial: answered(trial, hidden), events });
    expect(code).toBeUndefined();
    expect(said).toMatch(/^hidden {2}logged and not shown: sites$/m);
    expect(said).toMatch(/^part {4}epcs: some, 2 of 3 logged$/m);
    expect(said).toMatch(/^ok {6}2 of 2 records hold$/m);
  });

  test('evidence-empty-list: refuses a hidden list written as [], and one that was never logged', async () => {
    const hidden = hideParts(proven.trial, (name) => name === 'sites');
    for (const [record, evidence] of [
      [{ ...KINDS.trial.record, sites: [] }, hidden],
      [{ ...KINDS.trial.record, adverseEvents: [] }, proven.trial],
    ] as const) {
      const { said, code } = await verify(answered(record, evidence));
      expect(code).toBe('EVIDENCE_RECORD_MISMATCH');
      expect(said).not.toContain('as logged');
    }
  });

  test('asked for whole records, refuses what leaves out some, and takes one that does not', async () => {
    const whole = answered(KINDS.trial.record, proven.trial);
    expect((await verify(whole, true)).code).toBeUndefined();
    const { code, said } = await verify([whole, answered(KINDS.event.record, proven.event)], true);
    expect(code).toBe('EVIDENCE_RECORD_INCOMPLETE');
    expect(said).toContain('epcs');
  });

  test('names what of a document no evidence stands for', async () => {
    const trial = answered(KINDS.trial.record, proven.trial);
    const { said, code } = await verify({
      data: { trials: [trial, KINDS.trial.record], recalls: [] },
    });
    expect(code).toBeUndefined();
    expect(said).toMatch(/^unseen {2}no evidence for data\.trials\.1$/m);
    expect(said).toMatch(/^unseen {2}no evidence for data\.recalls$/m);
  });
});
