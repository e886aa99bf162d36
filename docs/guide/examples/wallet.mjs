/**
 * A participant's wallet: answers a link code, signs a consent, registers it, and later withdraws it.
 * What it keeps is in wallet.json: a seed and, after signing, a consent. A real wallet keeps a seed safer.
 *
 * Run from the project's folder: node docs/guide/examples/wallet.mjs link CODE | sign REQUESTER | withdraw
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv, env, exit } from 'node:process';
import { backupPlace } from '../../../dist/client/consent/backup-place.js';
import { linkWallet, registerConsent } from '../../../dist/client/consent/consent-cycle.js';
import { consentPackageToJson } from '../../../dist/client/consent/consent-package.js';
import { connectGateway } from '../../../dist/client/gateway/gateway.js';
import { accountsOnLedger } from '../../../dist/client/gateway/ledger-accounts.js';
import { memoryBooks } from '../../../dist/client/keys/serial-book.js';
import { newWalletSeed, openWallet } from '../../../dist/client/consent/wallet.js';
import { withdrawConsents } from '../../../dist/client/consent/withdraw.js';
import { systemClock } from '../../../dist/core/clock.js';
import { isoFromSeconds } from '../../../dist/core/time.js';

const GATEWAY = env.GATEWAY ?? 'http://127.0.0.1:4000';
const LEDGER = env.LEDGER ?? 'http://127.0.0.1:4010';
const FILE = 'wallet.json';
const YEAR = 365 * 86_400;
const study = { network: 'pilot', sponsor: 'northwind-trials', id: 'NCT90000001' };
const institution = 'riverside-hospital';

const kept = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
kept.seed ??= Buffer.from(newWalletSeed()).toString('hex');
const save = () => writeFileSync(FILE, JSON.stringify(kept, null, 2), { mode: 0o600 });
save();

const gateway = await connectGateway({ url: GATEWAY, fetch });
// In life these two are in the wallet's own settings: a gateway could name another register.
const { chainId, contract } = await (await fetch(`${GATEWAY}/.well-known/assent`)).json();
const pins = { network: study.network, chainId, contract };
const ledger = accountsOnLedger({ fetch, rpcUrl: LEDGER }, pins);
const desk = { gateway, institution, study, ledger };
const books = { store: memoryBooks(), backups: () => ({ places: [backupPlace(desk)] }) };
const wallet = openWallet(Buffer.from(kept.seed, 'hex'), { books }).forStudy(study);

const COMMANDS = {
  /** The code that the hospital showed. */
  async link(code) {
    const { words, confirmed } = await linkWallet(desk, wallet, code);
    console.log(`pseudonym  ${wallet.pseudonym}\nconfirmed  ${confirmed}\nwords      ${words}`);
  },

  /** The requester's number, as the portal printed it. */
  async sign(requester) {
    // This process has no book of its own, so it adds up what the institution keeps.
    if (kept.consent) await wallet.book.restore();
    else await wallet.book.begin();
    const now = systemClock.nowSeconds();
    const { signed } = await wallet.signConsent({
      requester: BigInt(requester),
      institution: undefined,
      purposes: ['HRESCH'],
      dataClasses: ['OBSERVATION', 'EXACT_DATE'],
      labels: [],
      duties: ['NO_REDISCLOSURE'],
      validity: { from: now, until: now + YEAR },
      dataWindow: { from: now - 5 * YEAR, until: now + YEAR },
      policyText: 'Researchers of this study may read my observations, with their dates.',
    });
    const { consent, receipt } = await registerConsent(desk, signed);
    kept.consent = consentPackageToJson(consent);
    save();
    console.log(`registered at ${institution}, place ${consent.index}`);
    console.log(`signed by the institution, to be anchored by ${isoFromSeconds(receipt.body.anchorBy)}`);
  },

  async withdraw() {
    const secret = wallet.withdrawSecret(BigInt(kept.consent.fields.serial));
    const { complete, outcomes } = await withdrawConsents({ gateway, ledger }, [secret]);
    console.log(`complete   ${complete}`);
    for (const one of outcomes) console.log(`${one.institution}  ${one.failure ?? 'signed'}`);
  },
};

const [, , command, argument] = argv;
const run = COMMANDS[command];
if (run === undefined) {
  console.error('link CODE | sign REQUESTER | withdraw');
  exit(2);
}
await run(argument);
