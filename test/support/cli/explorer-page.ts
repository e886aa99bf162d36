import { calculateJwkThumbprint } from 'jose';
import { expect, test } from 'vitest';
import { ask } from './assent.js';
import { read, variablesOf } from './ready-operations.js';

const HOSPITALS = ['lakeshore-hospital', 'riverside-hospital'];
const PROVEN = 3;
/** Proofs take seconds each, on a busy machine many. */
const TIMEOUT_MS = 120_000;

interface Page {
  /** What the first tab holds. */
  readonly first: string;
  readonly headers: { readonly Authorization: string };
  readonly pageKey: string;
}

interface Proven {
  readonly document: string;
  readonly variables: { readonly input: Readonly<Record<string, unknown>> };
}

type Outcomes = {
  outcomes: { institution: { id: string }; accepted: number; refused: { code: string }[] }[];
};

/** The public key that signed a token. */
function holderOf(token: string): Parameters<typeof calculateJwkThumbprint>[0] {
  const [header = ''] = token.split('.');
  return JSON.parse(Buffer.from(header, 'base64url').toString('utf8')).jwk;
}

/** What the explorer's page of a pilot does by itself: each step as its script takes it, against real proofs. */
export function describeExplorerPage(url: string): void {
  async function open(persona: string): Promise<Page> {
    const page = await (await fetch(`${url}/explorer?persona=${persona}`)).text();
    return JSON.parse(
      /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '',
    );
  }

  /** Asks the pilot for what it alone can give, by the key of a page that it gave out. */
  function askPilot(what: 'token' | 'proof', asked: object, { pageKey }: Pick<Page, 'pageKey'>) {
    return fetch(`${url}/explorer/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-assent-page': pageKey },
      body: JSON.stringify(asked),
    });
  }

  /** The events of an answer, in order. */
  async function eventsOf(answer: Response) {
    const events = (await answer.text()).matchAll(/event: (\w+)\ndata: (.*)\n\n/g);
    return [...events].map(([, event, data = '']) => ({ event, data: JSON.parse(data) }));
  }

  async function newSession(persona: string, page: Page) {
    const token = await (await askPilot('token', { persona }, page)).text();
    return { token, session: await calculateJwkThumbprint(holderOf(token)) };
  }

  const proofOf = async (persona: string, session: string, page: Page) =>
    eventsOf(await askPilot('proof', { persona, session }, page));

  async function present(made: Proven, token: string) {
    const { data, text } = await ask(url, made.document, { variables: made.variables, token });
    expect(text).not.toContain('"errors"');
    const { outcomes } = Object.values(data ?? {})[0] as Outcomes;
    const by = new Map(outcomes.map((one) => [one.institution.id, one]));
    return HOSPITALS.map((id) => by.get(id));
  }

  const accessOf = async (token: string) =>
    (await ask(url, read('access.graphql'), { variables: variablesOf('access'), token })).data
      ?.study;

  test('the first tab is the first query of the README, and shows the difference that a token makes', async () => {
    const { first, headers } = await open('portal');
    expect(first).toBe(read('first-query.graphql'));
    const token = headers.Authorization.replace('Bearer ', '');
    const [mine, anybodys] = [await ask(url, first, { token }), await ask(url, first)];
    expect([mine.codes, anybodys.codes]).toEqual([[], []]);
    expect(mine.data).toMatchObject({
      study: { access: { presented: PROVEN }, participants: { nodes: [{}, {}, {}] } },
      trials: { nodes: [{}, {}, {}] },
    });
    expect(anybodys.data).toEqual({ study: null, trials: mine.data?.trials });
  });

  test(
    'a new session opens nothing until its proofs are shown, and then to it alone',
    async () => {
      const page = await open('portal');
      const [mine, another] = [await newSession('portal', page), await newSession('portal', page)];
      expect(mine.session).not.toBe(another.session);
      expect(await accessOf(mine.token)).toBeNull();

      const events = await proofOf('portal', mine.session, page);
      const progress = events.slice(0, -1).map(({ event, data }) => [event, data.done, data.of]);
      expect(progress).toEqual([0, 1, 2, 3].map((done) => ['progress', done, PROVEN]));
      expect(events.at(-1)?.event).toBe('proven');
      const made: Proven = events.at(-1)?.data;
      // It was made and not shown.
      expect(await accessOf(mine.token)).toBeNull();

      // A thief of the request cannot make it its own: the proofs are bound to the key.
      const input = { ...made.variables.input, holder: holderOf(another.token) };
      const stolen = { ...made, variables: { input } };
      for (const outcome of await present(stolen, another.token)) {
        expect(outcome).toMatchObject({ accepted: 0 });
        expect(new Set(outcome?.refused.map(({ code }) => code))).toEqual(
          new Set(['HOLDER_MISMATCH']),
        );
      }
      for (const outcome of await present(made, mine.token)) {
        expect(outcome).toMatchObject({ accepted: PROVEN, refused: [] });
      }
      expect(await accessOf(mine.token)).toMatchObject({ access: { presented: PROVEN } });
      expect(await accessOf(another.token)).toBeNull();
      const renewed = await askPilot('token', { persona: 'portal', session: mine.session }, page);
      expect(await accessOf(await renewed.text())).toMatchObject({ access: { presented: PROVEN } });
    },
    TIMEOUT_MS,
  );

  test(
    'the pharmacist proves its accreditation for a new session, and traces a pack with it',
    async () => {
      const page = await open('pharmacist');
      const { token, session } = await newSession('pharmacist', page);
      const trace = async () => {
        const variables = variablesOf('trace-pack');
        return (await ask(url, read('trace-pack.graphql'), { variables, token })).data?.trace;
      };
      expect(await trace()).toBeNull();
      const events = await proofOf('pharmacist', session, page);
      expect(events.map(({ event }) => event)).toEqual(['progress', 'progress', 'proven']);
      const { data } = await ask(url, events.at(-1)?.data.document, {
        variables: events.at(-1)?.data.variables,
        token,
      });
      expect(JSON.stringify(data)).not.toContain('"code"');
      expect(await trace()).toMatchObject({ complete: true });
    },
    TIMEOUT_MS,
  );

  test('what is not the page of that persona gets no token and no proof', async () => {
    const page = await open('portal');
    const { session } = await newSession('portal', page);
    const other = { pageKey: 'A'.repeat(page.pageKey.length) };
    for (const what of ['token', 'proof'] as const) {
      expect((await askPilot(what, { persona: 'portal', session }, other)).status).toBe(404);
    }
    for (const asked of [
      { persona: 'pharmacist', session },
      { persona: 'nobody', session },
      { persona: 'portal', session: 'unknown' },
    ]) {
      const told = await askPilot('token', asked, page);
      expect([asked, told.status]).toEqual([asked, 400]);
      const events = await proofOf(asked.persona, asked.session, page);
      expect(events).toMatchObject([{ event: 'refused', data: { code: 'BAD_INPUT' } }]);
    }
    const sponsor = await newSession('sponsor', page);
    expect(await proofOf('sponsor', sponsor.session, page)).toMatchObject([
      { event: 'refused', data: { code: 'BAD_INPUT' } },
    ]);
  });
}
