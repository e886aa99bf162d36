import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, assent, tokenOnPage } from './assent.js';

const folder = new URL('../../../schema/operations/', import.meta.url);
/** The text of a file beside the operations. */
export const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => name.replace('.graphql', ''));

/** The variables beside an operation; none if it takes none, or only this installation knows them. */
export function variablesOf(name: string): Record<string, unknown> {
  const file = `${name}.json`;
  return readdirSync(folder).includes(file) ? JSON.parse(read(file)) : {};
}

type Study = {
  readonly study: {
    readonly participants: {
      readonly complete: boolean;
      readonly nodes: readonly Record<string, { readonly nodes: readonly never[] }>[];
    };
  };
};

/** All rows of one kind of every participant in an answer. */
function rowsOf(data: unknown, kind: string): readonly unknown[] {
  return (data as Study).study.participants.nodes.flatMap((one) => one[kind]?.nodes ?? []);
}

const HOSPITALS = ['lakeshore-hospital', 'riverside-hospital'];
const custodians = (rows: readonly unknown[]) =>
  [...new Set(rows.map((row) => (row as { custodian: { id: string } }).custodian.id))].sort();

/** Runs every operation of schema/operations against a pilot that is ready. Answers to be verified are kept in its folder. */
export function describeOperations(at: {
  readonly url: string;
  readonly ledger: string;
  readonly folder: string;
}): void {
  const { url, folder: folderOfAnswers } = at;
  describe('every ready operation', () => {
    const schema = buildSchema(readFileSync(new URL('../api.graphql', folder), 'utf8'));

    test.each(names)(
      '%s is valid, says whom it is for, and has no variable that it does not take',
      (name) => {
        const text = read(`${name}.graphql`);
        const document = parse(text);
        expect(validate(schema, document)).toEqual([]);
        expect(text).toMatch(/^# For .*[.,:]/);
        const [operation] = document.definitions;
        const taken =
          operation?.kind === 'OperationDefinition'
            ? (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
            : [];
        expect(taken).toEqual(expect.arrayContaining(Object.keys(variablesOf(name))));
      },
    );
  });

  const ran = new Set<string>();
  let portal: string;
  beforeAll(async () => {
    portal = await tokenOnPage(url, 'portal');
  });

  /** Runs an operation with the variables beside it. */
  async function run(name: string, token?: string, more: object = {}): Promise<unknown> {
    ran.add(name);
    const variables = { ...variablesOf(name), ...more };
    const { data, text } = await ask(url, read(`${name}.graphql`), { variables, token });
    expect(text).not.toContain('"errors"');
    return data;
  }

  describe('without a token', () => {
    test('network', async () => {
      const data = (await run('network')) as { network: Record<string, unknown> };
      expect(data.network).toMatchObject({
        chainId: 20_401,
        contract: expect.stringMatching(/^0x[0-9a-f]{40}$/i),
        parameters: { name: 'pilot' },
      });
      expect(data.network.epoch).toBeGreaterThan(4);
      for (const name of ['consent', 'accreditation']) {
        const vkeyHash = expect.stringMatching(/^[0-9a-f]{64}$/);
        expect(data.network.statements).toContainEqual({ name, vkeyHash });
      }
    });

    test('institutions: five, all active, all anchored', async () => {
      const data = (await run('institutions')) as { network: { institutions: object[] } };
      expect(data.network.institutions).toHaveLength(5);
      for (const one of data.network.institutions) {
        expect(one).toMatchObject({ status: 'ACTIVE', anchoredAt: expect.stringMatching(/^20/) });
      }
    });

    test('trials: a page, and the next after it', async () => {
      type Page = { trials: { nodes: { id: string }[]; pageInfo: { endCursor: string } } };
      const first = (await run('trials')) as Page;
      expect(first.trials).toMatchObject({ complete: true, pageInfo: { hasNextPage: true } });
      expect(first.trials.nodes).toHaveLength(5);
      const after = first.trials.pageInfo.endCursor;
      const next = (await run('trials', undefined, { after, first: 20 })) as Page;
      const ids = [...first.trials.nodes, ...next.trials.nodes].map(({ id }) => id);
      expect(ids).toHaveLength(12);
      expect(ids).toEqual([...new Set(ids)].sort());
    });

    test('trial: its sponsor and its sites are institutions of the network', async () => {
      expect(await run('trial')).toMatchObject({
        trial: {
          status: 'RECRUITING',
          sponsor: { id: 'northwind-trials' },
          eligibility: { text: expect.stringContaining('Inclusion') },
          sites: expect.arrayContaining([
            expect.objectContaining({ institution: expect.objectContaining({ id: HOSPITALS[0] }) }),
            expect.objectContaining({ institution: expect.objectContaining({ id: HOSPITALS[1] }) }),
          ]),
        },
      });
    });

    test('trials by condition: those and no others', async () => {
      const data = (await run('trials-by-condition')) as {
        trials: { nodes: { status: string; conditions: string[]; keywords: string[] }[] };
      };
      expect(data.trials.nodes.length).toBeGreaterThan(1);
      expect(data.trials.nodes.length).toBeLessThan(12);
      for (const { status, conditions, keywords } of data.trials.nodes) {
        expect(status).toBe('RECRUITING');
        expect([...conditions, ...keywords].join()).toMatch(/diabetes/i);
      }
    });

    test('lot, and with its expiry the verification of a pack of it', async () => {
      const { lot } = (await run('lot')) as { lot: { expiry: string } };
      expect(lot).toMatchObject({
        complete: true,
        product: { labeler: expect.any(String) },
        recall: null,
        holders: [{ id: 'corner-pharmacy' }, { id: 'helix-pharma' }],
      });
      const { expiry } = lot;
      expect(await run('verify-pack', undefined, { expiry })).toMatchObject({
        verifyProduct: { verified: true, reason: null, complete: true },
      });
      expect(await run('verify-pack', undefined, { expiry, lot: 'HX000000' })).toMatchObject({
        verifyProduct: { verified: false, reason: 'MISMATCH_LOT' },
      });
    });
  });

  describe("with the portal's token", () => {
    test('access: what it proved, and nothing without the token', async () => {
      expect(await run('access', portal)).toMatchObject({
        study: {
          access: {
            presented: 3,
            purpose: 'HRESCH',
            dataClasses: ['CONDITION', 'OBSERVATION', 'MEDICATION', 'EXACT_DATE'],
            labels: [],
          },
        },
      });
      expect(await run('access')).toEqual({ study: null });
    });

    test('withdrawals: none of what the portal presented has ended', async () => {
      expect(await run('withdrawals', portal)).toMatchObject({
        withdrawals: { edges: [], complete: true, repeated: false },
      });
    });

    test('the first query: what was proven, beside what is public', async () => {
      const mine = (await run('first-query', portal)) as Study & { trials: object };
      expect(mine).toMatchObject({ study: { access: { presented: 3 } } });
      expect(rowsOf(mine, 'observations').length).toBeGreaterThan(3);
      expect(await run('first-query')).toEqual({ study: null, trials: mine.trials });
    });

    test('participants: three, merged from both hospitals', async () => {
      const data = (await run('participants', portal)) as Study;
      expect(data.study.participants.complete).toBe(true);
      expect(data.study.participants.nodes).toHaveLength(3);
      expect(data.study.participants.nodes[0]?.withheld).toContainEqual({
        dataClass: 'DEMOGRAPHICS',
        reason: 'OUTSIDE_SCOPE',
      });
      expect(custodians(rowsOf(data, 'conditions')).length).toBeGreaterThan(0);
      expect(await run('participants')).toEqual({ study: null });
    });

    test('one participant: its second page, and nobody else', async () => {
      const listed = (await run('participants', portal)) as Study;
      const [first] = listed.study.participants.nodes as unknown as { pseudonym: string }[];
      type One = { study: { participant: { observations: Page } | null } };
      type Page = { edges: { node: { id: string } }[]; pageInfo: { endCursor: string } };
      const page = async (more: object, token = portal) =>
        (await run('one-participant', token, more)) as One;
      const start = await page({ pseudonym: first?.pseudonym });
      const after = start.study.participant?.observations.pageInfo.endCursor;
      const next = await page({ pseudonym: first?.pseudonym, after });
      const ids = [start, next].flatMap(({ study }) =>
        (study.participant?.observations.edges ?? []).map(({ node }) => node.id),
      );
      expect(new Set(ids).size).toBe(10);
      expect(await page({ pseudonym: '1' })).toEqual({ study: { participant: null } });
    });

    test('observations: of that code within that time alone, from both hospitals', async () => {
      const nowMs = Date.now();
      const effective = {
        from: new Date(nowMs - 4 * 365 * 86_400_000).toISOString(),
        until: new Date(nowMs).toISOString(),
      };
      const rows = rowsOf(await run('observations', portal, { effective }), 'observations');
      expect(custodians(rows)).toEqual(HOSPITALS);
      for (const row of rows as { effective: { from: string } }[]) {
        expect(row).toMatchObject({
          code: { coding: [{ code: '29463-7' }] },
          value: { code: 'kg' },
        });
        expect(row.effective.from >= effective.from && row.effective.from < effective.until).toBe(
          true,
        );
      }
    });

    test('blood pressure: both components of each', async () => {
      const rows = rowsOf(await run('blood-pressure', portal), 'observations');
      expect(rows.length).toBeGreaterThan(3);
      for (const { component } of rows as { component: { value: { value: string } }[] }[]) {
        expect(component.map(({ value }) => Number(value.value) > 30)).toEqual([true, true]);
      }
    });

    test('observations by value: those alone whose systolic pressure is that high', async () => {
      const rows = rowsOf(await run('observations-by-value', portal), 'observations');
      expect(rows.length).toBeGreaterThan(0);
      type Part = { code: { coding: { code: string }[] }; value: { value: string; code: string } };
      for (const { component } of rows as { component: Part[] }[]) {
        const systolic = component.find(({ code }) => code.coding[0]?.code === '8480-6');
        expect(systolic?.value.code).toBe('mm[Hg]');
        expect(Number(systolic?.value.value)).toBeGreaterThanOrEqual(110);
      }
    });

    test('prescriptions: of the class of medicines, and procedures are of another', async () => {
      const data = await run('prescriptions', portal);
      const requests = rowsOf(data, 'medicationRequests');
      expect(requests.length).toBeGreaterThan(0);
      for (const request of requests) {
        expect(request).toMatchObject({
          status: 'ACTIVE',
          medication: { coding: [{ code: expect.stringMatching(/^[0-9]+$/) }] },
          dosageInstruction: [{ timing: { frequency: 1, period: '1', periodUnit: 'D' } }],
        });
      }
      expect(rowsOf(data, 'dispenses').length).toBe(requests.length);
      expect(rowsOf(data, 'procedures')).toEqual([]);
      for (const { procedures } of (data as Study).study.participants.nodes) {
        expect(procedures).toMatchObject({
          withheld: [{ dataClass: 'PROCEDURE', reason: 'OUTSIDE_SCOPE' }],
        });
      }
    });

    test("dispenses to lots: the maker's word on what a hospital handed over", async () => {
      const rows = rowsOf(await run('dispenses-to-lots', portal), 'dispenses');
      const lots = (
        rows as { lot: { product: object | null; holders: object[] } | null }[]
      ).flatMap(({ lot }) => (lot?.product ? [lot] : []));
      expect(lots.length).toBeGreaterThan(0);
      for (const lot of lots) expect(lot.holders).toContainEqual({ id: 'helix-pharma' });
    });

    test('everything in one query, and what of it is public without the token', async () => {
      const mine = await run('everything', portal);
      const open = {
        trial: { title: expect.stringContaining('Metformin') },
        lot: { holders: [{ id: 'corner-pharmacy' }, { id: 'helix-pharma' }] },
      };
      expect(mine).toMatchObject({ ...open, study: { participants: { complete: true } } });
      expect(rowsOf(mine, 'observations').length).toBeGreaterThan(3);
      expect(await run('everything')).toMatchObject({ ...open, study: null });
    });
  });

  test('trace, for the pharmacist alone: from the maker to the pharmacy, in order of time', async () => {
    const token = await tokenOnPage(url, 'pharmacist');
    const variables = variablesOf('trace-pack');
    // The pharmacist shows its accreditation beside all else that happens at the start.
    await expect
      .poll(
        async () => (await ask(url, read('trace-pack.graphql'), { variables, token })).data?.trace,
        {
          timeout: 30_000,
        },
      )
      .not.toBeNull();
    type Traced = { trace: { events: { eventTime: string; custodian: { id: string } }[] } | null };
    const { trace } = (await run('trace-pack', token)) as Traced;
    const events = trace?.events ?? [];
    expect(trace).toMatchObject({ complete: true, hasMore: false });
    expect(custodians(events)).toEqual(['corner-pharmacy', 'helix-pharma']);
    const times = events.map(({ eventTime }) => eventTime);
    expect(times).toEqual([...times].sort());
    expect(events[0]).toMatchObject({
      bizStep: 'commissioning',
      custodian: { id: 'helix-pharma' },
    });
    expect(await run('trace-pack', portal)).toEqual({ trace: null });
  });

  describe('evidence', () => {
    /** Two intervals: what was imported is anchored in the next. */
    const EVIDENCE_MS = 90_000;
    /** Runs `assent verify` on an answer, against the pilot's ledger and nothing else of it. */
    async function verify(name: string, answer: unknown) {
      const file = join(folderOfAnswers, `${name}.json`);
      writeFileSync(file, JSON.stringify({ data: answer }));
      return assent(['verify', file, '--ledger', at.ledger]);
    }
    type Proven = { evidence: { leaf: string } | null; epcs?: string[] };

    test("trial evidence: the sponsor's record holds for anybody, and a changed one does not", async () => {
      const ask = async () =>
        (await run('trial-evidence')) as { trial: Proven & { title: string } };
      await expect
        .poll(async () => (await ask()).trial.evidence, { timeout: EVIDENCE_MS })
        .not.toBeNull();
      const answer = await ask();
      const honest = await verify('trial', answer);
      expect(honest).toMatchObject({ code: 0 });
      expect(honest.stdout).toMatch(/anchored by northwind-trials, epoch [0-9]+/);
      const { trial } = answer;
      const forged = await verify('forged', {
        trial: { ...trial, title: `${trial.title}, amended` },
      });
      expect(forged).toMatchObject({ code: 1 });
      expect(forged.stderr).toContain('EVIDENCE_RECORD_MISMATCH');
    }, 120_000);

    test('trace evidence: each event of a pack holds, by whichever institution', async () => {
      const token = await tokenOnPage(url, 'pharmacist');
      const ask = async () =>
        ((await run('trace-evidence', token)) as { trace: { events: Proven[] } | null }).trace;
      await expect
        .poll(async () => (await ask())?.events.every(({ evidence }) => evidence !== null), {
          timeout: EVIDENCE_MS,
        })
        .toBe(true);
      const trace = await ask();
      const honest = await verify('trace', { trace });
      expect(honest).toMatchObject({ code: 0 });
      expect(honest.stdout).toMatch(/anchored by helix-pharma/);
      expect(honest.stdout).toMatch(/anchored by corner-pharmacy/);
      const [first, ...others] = trace?.events ?? [];
      const forged = {
        trace: { events: [{ ...first, epcs: ['urn:epc:id:sgtin:1.2.3'] }, ...others] },
      };
      expect(await verify('forged', forged)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('EVIDENCE_RECORD_MISMATCH'),
      });
    }, 120_000);
  });

  test("my, as the participant's page is filled in: who received what of her, and what she allows", async () => {
    const page = (await (await fetch(`${url}/explorer?persona=participant`)).text()).replaceAll(
      '\\"',
      '"',
    );
    const signed = /institution: "([a-z-]+)", at: "([^"]+)", signature: \{ ([^}]*) \}/g;
    const namedIn = (text = '') =>
      Object.fromEntries(
        [...text.matchAll(/(\w+): "([0-9]+)"/g)].map(([, name, value]) => [name, value]),
      );
    // The page has its query twice: in its first tab, and for each new one.
    const found = [...page.matchAll(signed)].map(([, institution = '', at, signature]) => {
      return [institution, { institution, at, signature: namedIn(signature) }] as const;
    });
    const lists = [...new Map(found).values()];
    expect(lists.map(({ institution }) => institution).sort()).toEqual(HOSPITALS);
    const publicKey = namedIn(/publicKey: \{ ([^}]*) \}/.exec(page)?.[1]);
    const variables = { study: variablesOf('access').study, publicKey, lists };
    const token = /Bearer ([\w-]+\.[\w-]+\.[\w-]+~[\w-]+)/.exec(page)?.[1];
    expect(await run('my', token, variables)).toMatchObject({
      my: {
        complete: true,
        refused: [],
        consents: [{ state: 'ACTIVE' }],
        disclosures: {
          nodes: expect.arrayContaining([expect.objectContaining({ purpose: 'HRESCH' })]),
        },
      },
    });
    // Another persona has the signatures and a token of its own, and sees nothing.
    expect(await run('my', portal, variables)).toMatchObject({
      my: { complete: false, consents: [], disclosures: { nodes: [] } },
    });
  });

  test("withdraw, with the secret that the participant's page is filled in with: once for each", async () => {
    const secretOnPage = async () => {
      const page = await (await fetch(`${url}/explorer?persona=participant`)).text();
      return /secrets: \[\\"([0-9]+)\\"/.exec(page)?.[1] ?? 'none';
    };
    const secret = await secretOnPage();
    const taken = { status: 'OK', accepted: 1, refused: [] };
    expect(await run('withdraw', undefined, { secrets: [secret] })).toMatchObject({
      withdrawConsents: {
        complete: true,
        outcomes: expect.arrayContaining([expect.objectContaining(taken)]),
      },
    });
    // The portal's three are not touched, and the page has another's now: at once or after its feed.
    expect(await run('access', portal)).toMatchObject({ study: { access: { presented: 3 } } });
    await expect.poll(secretOnPage, { timeout: 10_000 }).not.toBe(secret);
  });

  test('every operation was run', () => {
    expect([...ran].sort()).toEqual(names.sort());
    expect(names.length).toBeGreaterThanOrEqual(12);
  });
}
