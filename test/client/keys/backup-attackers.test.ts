import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupPlace } from '../../../src/client/consent/backup-place.js';
import { openWallet, type StudyWallet } from '../../../src/client/consent/wallet.js';
import {
  connectGateway,
  type Gateway,
  type GraphqlAnswer,
  type GraphqlRequest,
} from '../../../src/client/gateway/gateway.js';
import { memoryBooks } from '../../../src/client/keys/serial-book.js';
import { clockOf } from '../../../src/core/clock.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { dishonestGateway } from '../../support/client/dishonest-gateway.js';
import { plaintext, refusal, seedOf, studyName } from '../../support/client/sample.js';
import { startSmallNetwork } from '../../support/client/small-network.js';
import { now } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

/** A gateway that wants an old paper registered: the wallet must not learn of it. */
const clock = clockOf(() => unixMsFromSeconds(now));
const text = { ...plaintext, validity: { from: now - 60, until: now + 86_400 } };
const seed = seedOf(51);
let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let honest: Gateway;
/** What the hospitals truly answered before: that they had kept nothing yet, then that they keep one. */
const readBefore = new Map<unknown, Result>();
const keptBefore = new Map<unknown, Result>();

beforeAll(async () => {
  network = await startSmallNetwork(1n, openWallet(seed).forStudy(studyName).pseudonym);
  honest = await connectGateway({ url: network.url, fetch });
  const listening = dishonestGateway(honest, async (request, real) => {
    const heard = await real.send(request);
    const before = isRead(request) ? readBefore : keptBefore;
    const asked = request.variables?.institution;
    if (!before.has(asked)) before.set(asked, resultOf(heard));
    return heard;
  });
  const phone = deviceBehind(listening);
  await phone.book.restore();
  await phone.signConsent(text);
  expect(readBefore.get(RIVERSIDE)).toMatchObject({ sequence: 0, backup: null });
  expect(keptBefore.get(RIVERSIDE)).toMatchObject({ sequence: 1 });
});
afterAll(() => network.stop());

type Result = Readonly<Record<string, unknown>>;
const isRead = ({ document }: GraphqlRequest) => document.startsWith('query ReadBackup');
const isKeep = ({ document }: GraphqlRequest) => document.startsWith('mutation KeepBackup');
const resultOf = ({ data }: GraphqlAnswer) => data.result as Result;
const answer = (result: object) => ({ data: { result }, errors: [] });

const placeBehind = (gateway: Gateway, institution = RIVERSIDE) =>
  backupPlace({ gateway, institution, ledger: network.ledger });

/** A device of the same person whose every backup is carried by that gateway. */
function deviceBehind(gateway: Gateway, store = memoryBooks()): StudyWallet {
  const places = [placeBehind(gateway), placeBehind(gateway, LAKESHORE)] as const;
  const books = { store, backups: () => ({ places }) };
  return openWallet(seed, { books, clock }).forStudy(studyName);
}

/** What a gateway makes of a request, and of what the institution truly answered to it. */
type Forgery = (request: GraphqlRequest, honestly: () => Promise<Result>) => Promise<object>;
const forging = (meant: typeof isRead, forge: Forgery): Gateway =>
  dishonestGateway(honest, async (request, real) =>
    meant(request)
      ? answer(await forge(request, async () => resultOf(await real.send(request))))
      : real.send(request),
  );

const asked = (request: GraphqlRequest) => request.variables?.institution;
const other = (request: GraphqlRequest) => (asked(request) === RIVERSIDE ? LAKESHORE : RIVERSIDE);
const nonceOf = (request: GraphqlRequest) => ({ nonce: request.variables?.nonce });
const signedOf = (result: Result | undefined) => result?.signed as object;
const NONE = { sequence: 0, backup: null };
const invalid = (check: string) => ({
  code: 'RECEIPT_INVALID',
  facts: { institution: RIVERSIDE, check },
});

const READS: readonly (readonly [string, Forgery, object])[] = [
  [
    'says by itself that none was ever kept',
    async (request) => ({
      __typename: 'WalletBackup',
      institution: { id: asked(request) },
      ...NONE,
    }),
    { code: 'RECEIPT_MISSING' },
  ],
  [
    'says so with the signature under what was truly answered',
    async (_, honestly) => ({ ...(await honestly()), ...NONE }),
    invalid('account'),
  ],
  [
    'says so with the signature under an earlier answer',
    async (request) => ({ ...readBefore.get(asked(request)) }),
    invalid('nonce'),
  ],
  [
    'says so with an earlier signature and this nonce',
    async (request) => {
      const before = readBefore.get(asked(request));
      return { ...before, signed: { ...signedOf(before), ...nonceOf(request) } };
    },
    invalid('account'),
  ],
  [
    'hands over what the other institution answered',
    async (request) => ({ ...readBefore.get(other(request)) }),
    { code: 'SOURCE_FAILED' },
  ],
  [
    'hands it over in the name of this one',
    async (request) => ({
      ...readBefore.get(other(request)),
      institution: { id: asked(request) },
      signed: { ...signedOf(readBefore.get(other(request))), ...nonceOf(request) },
    }),
    invalid('account'),
  ],
  [
    'cuts the backup short',
    async (_, honestly) => {
      const heard = await honestly();
      return { ...heard, backup: String(heard.backup).slice(0, -4) };
    },
    invalid('account'),
  ],
];

test.each(READS)(
  'restored-wallet: a gateway that %s is told from an institution',
  async (...row) => {
    const [, forge, why] = row;
    const lying = forging(isRead, forge);
    const store = memoryBooks();
    const device = deviceBehind(lying, store);
    await expect(device.book.restore()).rejects.toThrow(refusal('BACKUP_INCOMPLETE'));
    await expect(placeBehind(lying).read(device)).rejects.toMatchObject(why);
    // By way of an honest gateway the same device restores its book.
    const restored = deviceBehind(honest, store);
    await restored.book.restore();
    expect((await restored.book.signed()).length).toBeGreaterThan(0);
  },
);

const KEEPS: readonly (readonly [string, Forgery, object])[] = [
  ['by itself', async (request) => keptAs(request, {}), { code: 'RECEIPT_MISSING' }],
  [
    'with the signature under an earlier answer',
    async (request) => keptAs(request, { signed: signedOf(keptBefore.get(asked(request))) }),
    invalid('nonce'),
  ],
  [
    'with an earlier signature and this nonce',
    async (request) => {
      const before = signedOf(keptBefore.get(asked(request)));
      return keptAs(request, { signed: { ...before, ...nonceOf(request) } });
    },
    invalid('account'),
  ],
];

function keptAs(request: GraphqlRequest, signed: object) {
  const { sequence } = Object(request.variables?.backup) as { sequence: number };
  const institution = { id: asked(request) };
  return { __typename: 'WalletBackupReceipt', institution, sequence, ...signed };
}

test.each(KEEPS)(
  'restored-wallet: a gateway that swallows a backup and says that it is kept, %s, has nothing signed',
  async (...row) => {
    const [, forge, why] = row;
    const swallowing = forging(isKeep, forge);
    const store = memoryBooks();
    const device = deviceBehind(swallowing, store);
    await device.book.restore();
    const before = await placeBehind(honest).read(device);
    await expect(device.signConsent(text)).rejects.toThrow(refusal('BACKUP_INCOMPLETE'));
    const next = { sequence: before.sequence + 1, backup: 'YQ' };
    await expect(placeBehind(swallowing).keep(device, next)).rejects.toMatchObject(why);
    expect(await placeBehind(honest).read(device)).toEqual(before);
    // By way of an honest gateway the same device has it kept, and signs.
    await deviceBehind(honest, store).signConsent(text);
    expect((await placeBehind(honest).read(device)).sequence).toBe(before.sequence + 1);
  },
);

test('restored-wallet: a gateway that takes the nonce away has an answer to nobody', async () => {
  const stripping = dishonestGateway(honest, (request, real) => {
    const variables = { ...request.variables, nonce: null };
    return real.send(isRead(request) || isKeep(request) ? { ...request, variables } : request);
  });
  const device = deviceBehind(honest);
  const { sequence } = await placeBehind(honest).read(device);
  await expect(placeBehind(stripping).read(device)).rejects.toMatchObject(invalid('nonce'));
  const next = { sequence: sequence + 1, backup: 'YQ' };
  await expect(placeBehind(stripping).keep(device, next)).rejects.toMatchObject(invalid('nonce'));
});
