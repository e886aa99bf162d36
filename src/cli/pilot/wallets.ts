import {
  type ConsentPackage,
  type ConsentPackageJson,
  consentPackageToJson,
  parseConsentPackage,
} from '../../client/consent/consent-package.js';
import { newWalletSeed, openWallet, type StudyWallet } from '../../client/consent/wallet.js';
import { isWithdrawn } from '../../consent/feed/store.js';
import { issueLinkCode, linkPatient } from '../../consent/registration/link.js';
import { confirmLink } from '../../consent/registration/link-confirm.js';
import { registerConsent } from '../../consent/registration/register-consent.js';
import type { LinkContext } from '../../consent/registration/shown-code.js';
import { addStudy } from '../../consent/registration/study.js';
import { subtreeKeyAt } from '../../consent/shard/subtree-key.js';
import { systemClock } from '../../core/clock.js';
import { invariant } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { linkCodeId, linkWords } from '../../core/signed/link-code.js';
import type { SeedPerson } from '../../records/seed/hospitals.js';
import type { Database } from '../../store/database.js';
import type { StateFolder } from '../state/state-folder.js';
import { type Filling, goOn } from './filling.js';
import { LAKESHORE, PILOT_NETWORK, RIVERSIDE } from './institutions.js';
import { databaseAt, keysAt, type Membership } from './membership.js';
import { sharedPeople } from './people.js';
import { loadPersona } from './personas.js';
import { PILOT_STUDY, seedStudies } from './plan.js';
import { pilotBooks } from './wallet-books.js';

/**
 * A participant of the pilot. The pilot keeps the wallets, which in reality are on people's own
 * devices.
 */
export interface PilotWallet {
  readonly person: number;
  readonly wallet: StudyWallet;
  readonly patientIds: ReadonlyMap<InstitutionId, string>;
  readonly consent: ConsentPackage;
}

interface StoredWallet {
  readonly person: number;
  readonly seed: string;
  readonly patientIds: readonly (readonly [InstitutionId, string])[];
  readonly consent: ConsentPackageJson;
}

/** A hospital as the pilot registers at it: directly in its database, without its node. */
interface PilotHospital extends LinkContext {
  readonly pathKey: Uint8Array;
}

const FILE = 'pilot/wallets.json';
const DAY = 86_400;
const YEAR = 365 * DAY;
const CODE_SECONDS = 600;

/** The text that the pilot's participants sign, as their wallets show it. */
const POLICY_TEXT =
  'Researchers of the study named here may read my conditions, observations and medicines, ' +
  'with their dates and without my name, at every hospital that I have linked, until I withdraw.';

/** How many people of the pilot sign a consent; all are patients of both hospitals. */
const PARTICIPANTS = 24;
/**
 * For how many of them (the first ones) the portal presents a proof, so that a first query has
 * rows.
 */
export const PORTAL_SHOWS = 3;

/** Makes the study known to both hospitals and lets the pilot's participants consent to it, once. */
export async function preparePilotWallets(filling: Filling): Promise<void> {
  const { folder, memberships, plan, progress, stopSignal } = filling;
  if ((await folder.readJson(FILE)) !== undefined) return;
  for (const id of [RIVERSIDE, LAKESHORE]) {
    await addPilotStudies(databaseAt(memberships, id));
  }
  const people = sharedPeople(plan, PARTICIPANTS);
  const step = progress.begin('participants sign consents', people.length);
  const { requester } = await loadPersona(folder, 'portal');
  await signConsents(folder, people, memberships, requester.requester, async () => {
    step.advance();
    await goOn({ stopSignal });
  });
  step.end(`${people.length} consents for one study`);
}

export async function loadWallets(folder: StateFolder): Promise<readonly PilotWallet[]> {
  const stored = await folder.readJson<readonly StoredWallet[]>(FILE);
  return (stored ?? []).map(({ person, seed, patientIds, consent }) => ({
    person,
    wallet: openWallet(Buffer.from(seed, 'hex')).forStudy(PILOT_STUDY),
    patientIds: new Map(patientIds),
    consent: parseConsentPackage(consent),
  }));
}

/** The wallets whose consent was not withdrawn, as far as a hospital knows. */
export async function notWithdrawn(
  hospital: Database,
  wallets: readonly PilotWallet[],
): Promise<readonly PilotWallet[]> {
  const handleOf = ({ consent }: PilotWallet) => String(consent.fields.handle);
  const gone = await hospital.transaction((tx) => isWithdrawn(tx, wallets.map(handleOf)), 'read');
  return wallets.filter((wallet) => !gone.has(handleOf(wallet)));
}

/** Makes the sponsor's studies known to a hospital: presentations for unknown ones are refused. */
export async function addPilotStudies(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { id, title } of seedStudies()) {
      await addStudy(tx, { network: PILOT_NETWORK, id, sponsor: PILOT_STUDY.sponsor, title });
    }
  });
}

/**
 * Gives each person a wallet that links at all of the person's hospitals, signs a consent for one
 * requester, and registers it at the first of these hospitals.
 *
 * @param requester - requesterOf the secret of the requester who may use the consents.
 */
async function signConsents(
  folder: StateFolder,
  people: readonly SeedPerson[],
  memberships: readonly Membership[],
  requester: bigint,
  onSigned: () => Promise<void>,
): Promise<void> {
  const stored: StoredWallet[] = [];
  for (const person of people) {
    const seed = newWalletSeed();
    const hospitals = [...person.patientIds.keys()].map((id) => hospitalOf(id, memberships));
    const wallet = openWallet(seed, { books: pilotBooks(hospitals) }).forStudy(PILOT_STUDY);
    for (const [institution, patientId] of person.patientIds) {
      await linkWallet(hospitalOf(institution, memberships), wallet, patientId);
    }
    await wallet.book.begin();
    const [home] = person.patientIds.keys();
    invariant(home !== undefined, 'a person is a patient somewhere');
    const consent = await registerAt(hospitalOf(home, memberships), wallet, requester);
    stored.push({
      person: person.index,
      seed: Buffer.from(seed).toString('hex'),
      patientIds: [...person.patientIds],
      consent: consentPackageToJson(consent),
    });
    await onSigned();
  }
  await folder.writeJson(FILE, stored);
}

/**
 * What happens in a patient's own session: a code is shown, the wallet answers it, and the patient
 * confirms the words that both show.
 */
export async function linkWallet(
  hospital: LinkContext,
  wallet: StudyWallet,
  patientId: string,
): Promise<void> {
  const code = await issueLinkCode(hospital, {
    patientId,
    study: PILOT_STUDY.id,
    ttlSeconds: CODE_SECONDS,
  });
  const { institution } = hospital;
  const { publicKey } = wallet;
  await linkPatient(hospital, {
    study: PILOT_STUDY.id,
    publicKey,
    codeId: linkCodeId(code),
    signature: wallet.signLink(institution, code),
  });
  const session = { patientId, study: PILOT_STUDY.id, proxy: null };
  await confirmLink(hospital, session, linkWords({ institution, code, publicKey }));
}

async function registerAt(
  hospital: PilotHospital,
  wallet: StudyWallet,
  requester: bigint,
): Promise<ConsentPackage> {
  const now = systemClock.nowSeconds();
  const { signed } = await wallet.signConsent({
    requester,
    institution: undefined,
    purposes: ['HRESCH'],
    dataClasses: ['CONDITION', 'OBSERVATION', 'MEDICATION', 'EXACT_DATE'],
    labels: [],
    duties: ['NO_REDISCLOSURE'],
    validity: { from: now - 60, until: now + YEAR },
    dataWindow: { from: now - 10 * YEAR, until: now + YEAR },
    policyText: POLICY_TEXT,
  });
  const { index } = await registerConsent(hospital, signed);
  const subtreeKey = subtreeKeyAt(hospital.pathKey, index);
  return { ...signed, institution: hospital.institution, index, subtreeKey };
}

/** The keys and database with which a pilot hospital shows link codes and gives out paths. */
export function hospitalOf(
  institution: InstitutionId,
  memberships: readonly Membership[],
): PilotHospital {
  const { linkKey, pathKey } = keysAt(memberships, institution);
  const db = databaseAt(memberships, institution);
  return { db, institution, clock: systemClock, linkKey, pathKey };
}
