import { DomainError } from '../../core/errors.js';
import type { ReceiptAct, ReceiptFacts } from '../../core/evidence/receipt.js';
import type { StudyId } from '../../core/ids.js';
import { toStudyId } from '../../core/ids.js';
import { secondsFromUnixMs } from '../../core/time.js';
import type { SourceState } from '../../graph/ask.js';
import type { Page } from '../../graph/federated.js';
import { pseudonymOf } from '../../zk/leaf.js';
import type { SignedConsent } from '../../zk/signed-consent.js';
import {
  type ErasedConsents,
  type ErasureInput,
  type LinkedParticipant,
  type LinkInput,
  type Outcome,
  type PresentAccreditationInput,
  type PresentConsentsInput,
  type Presented,
  type Refusal,
  type Refusals,
  type RegisteredConsent,
  refusalOf,
  type SignedConsentInput,
  type StudyAccess,
  type WithdrawalInput,
} from '../base/model.js';
import { canRefuse } from '../base/refusal-code.js';
import type { ProveRows } from '../evidence/prove.js';
import type { Feed } from '../feed/feed.js';
import { takeWithdrawals } from '../feed/withdraw.js';
import { accessOf } from '../gate/access.js';
import type { Gate } from '../gate/gate.js';
import type { PermitSet } from '../gate/permit.js';
import { eraseOwnConsents } from '../registration/erasure.js';
import { linkPatient } from '../registration/link.js';
import { toPublicKey, toSignature, toSignedConsent } from '../registration/parse-signed-consent.js';
import {
  amendConsent,
  type ConsentReceipt,
  registerConsent,
} from '../registration/register-consent.js';
import { toPuzzleSolution, toShownConsent } from '../registration/shown-consent.js';
import { requireStudy } from '../registration/study.js';
import { subtreeKeyAt } from '../shard/subtree-key.js';
import { keepBackup, readBackup } from './backup/keep-backup.js';
import type {
  KeptWalletBackup,
  WalletBackup,
  WalletBackupInput,
  WalletBackupQuestion,
} from './backup/model.js';
import type { ConsentSource } from './consent-source.js';
import type { OwnParticipation, OwnQuestion } from './my/model.js';
import { readOwn } from './my/node-my.js';
import type { Receipts, SignAnswer } from './receipts.js';
import type { StudiesQuestion, StudyReference } from './studies/model.js';
import { studiesOf } from './studies/node-studies.js';
import type { WithdrawalPage, WithdrawalsQuestion } from './withdrawals/model.js';
import { createNodeWithdrawals, type NodeWithdrawals } from './withdrawals/node-withdrawals.js';

/** One node's answers: its gate, its part of the register, and its revocation feed. */
export class DatabaseConsents implements ConsentSource<PermitSet> {
  readonly #gate: Gate;
  readonly #feed: Feed;
  readonly #prove: ProveRows;
  readonly #linkKey: Uint8Array;
  readonly #pathKey: Uint8Array;
  readonly #receipts: Receipts;
  readonly #withdrawals: NodeWithdrawals;

  constructor(parts: {
    readonly gate: Gate;
    readonly feed: Feed;
    readonly prove: ProveRows;
    /** As LinkContext has it. */
    readonly linkKey: Uint8Array;
    /** As addRegisterRoutes has it. */
    readonly pathKey: Uint8Array;
    readonly receipts: Receipts;
  }) {
    this.#gate = parts.gate;
    this.#feed = parts.feed;
    this.#prove = parts.prove;
    this.#linkKey = parts.linkKey;
    this.#pathKey = parts.pathKey;
    this.#receipts = parts.receipts;
    const { db, clock, institution } = parts.feed;
    this.#withdrawals = createNodeWithdrawals({ db, clock, institution, gate: parts.gate });
  }

  async access(opened: PermitSet, studies: readonly StudyId[]): Promise<readonly StudyAccess[]> {
    const sources = this.#sources(opened);
    return studies.map((study) => ({ access: accessOf(opened, study), sources }));
  }

  async studies(opened: PermitSet, page: StudiesQuestion): Promise<Page<StudyReference>> {
    return studiesOf(opened, page, this.#sources(opened));
  }

  withdrawals(
    opened: PermitSet,
    question: WithdrawalsQuestion,
    ending?: () => AbortSignal,
  ): Promise<WithdrawalPage> {
    return this.#withdrawals.page(opened, question, ending);
  }

  #sources(opened: PermitSet): readonly SourceState[] {
    const { institution } = this.#feed;
    const status = opened.presented ? 'OK' : 'NOT_PRESENTED';
    return [{ institution, status, latencyMs: null }];
  }

  async presentConsents(opened: PermitSet, input: PresentConsentsInput): Promise<Presented> {
    return alone(await this.#gate.presentConsents(input, opened));
  }

  async presentAccreditation(
    opened: PermitSet,
    input: PresentAccreditationInput,
  ): Promise<Presented> {
    return alone(await this.#gate.presentAccreditation(input, opened));
  }

  registerConsent(
    _opened: PermitSet,
    institution: string,
    consent: SignedConsentInput,
    nonce: string | null,
  ): Promise<RegisteredConsent | Refusals> {
    return orRefusals(async () => {
      const sign = this.#receipts.begin(nonce);
      const signed = await this.#signed(institution, consent);
      const receipt = await registerConsent(this.#feed, signed);
      const request = { leaf: String(receipt.leaf) };
      return this.#registered(receipt, { act: 'REGISTER', request, sign });
    });
  }

  amendConsent(
    _opened: PermitSet,
    institution: string,
    consent: SignedConsentInput,
    secrets: readonly string[],
    nonce: string | null,
  ): Promise<RegisteredConsent | Refusals> {
    return orRefusals(async () => {
      const sign = this.#receipts.begin(nonce);
      const signed = await this.#signed(institution, consent);
      const receipt = await amendConsent(this.#feed, signed, secrets);
      const request = { leaf: String(receipt.leaf), secrets };
      return this.#registered(receipt, { act: 'AMEND', request, sign });
    });
  }

  eraseConsents(
    _opened: PermitSet,
    institution: string,
    { secrets, publicKey, signature }: ErasureInput,
    nonce: string | null,
  ): Promise<ErasedConsents | Refusals> {
    return orRefusals(async () => {
      this.#requireSelf(institution);
      const sign = this.#receipts.begin(nonce);
      const key = toPublicKey(publicKey);
      const request = { secrets, publicKey: key, signature: toSignature(signature) };
      const erased = await eraseOwnConsents(this.#feed, request);
      const asked = { pseudonym: String(pseudonymOf(key)), secrets };
      const signed = await sign({ act: 'ERASE', request: asked, outcome: { erased } });
      return { institution: this.#feed.institution, erased, signed };
    });
  }

  linkParticipant(
    _opened: PermitSet,
    institution: string,
    link: LinkInput,
    nonce: string | null,
  ): Promise<LinkedParticipant | Refusals> {
    return orRefusals(async () => {
      this.#requireSelf(institution);
      const sign = this.#receipts.begin(nonce);
      const { db, clock, institution: own } = this.#feed;
      const context = { db, clock, institution: own, linkKey: this.#linkKey };
      const { codeId } = link;
      const { study, pseudonym, ...outcome } = await linkPatient(context, {
        study: toStudyId(link.study),
        codeId,
        publicKey: toPublicKey(link.publicKey),
        signature: toSignature(link.signature),
      });
      const request = { study, codeId, pseudonym };
      const signed = await sign({ act: 'LINK', request, outcome });
      return { institution: own, pseudonym, ...outcome, signed };
    });
  }

  async withdrawConsents({ source }: PermitSet, withdrawal: WithdrawalInput): Promise<Presented> {
    const { secrets, nonce } = withdrawal;
    const sign = this.#receipts.begin(nonce);
    const { refused, held } = await this.#withdraw(withdrawal, source);
    const outcome = { refused: refused.map(({ index, code }) => ({ index, code })), held };
    const signed = await sign({ act: 'WITHDRAW', request: { secrets }, outcome });
    return alone({ ...this.#outcome(secrets, refused), held, signed });
  }

  /** @returns which secrets were not taken, and which are only held. */
  async #withdraw(
    { secrets, institution, proof }: WithdrawalInput,
    source: string | undefined,
  ): Promise<Pick<Outcome, 'refused' | 'held'>> {
    if (institution !== null && institution !== this.#feed.institution) {
      return { refused: refuseEach(secrets, 'NOT_FOR_THIS_INSTITUTION'), held: [] };
    }
    const { shown, puzzle } = proof;
    try {
      const { refused, held } = await takeWithdrawals(this.#feed, {
        secrets,
        source,
        shown: shown.map(toShownConsent),
        puzzle: puzzle === null ? undefined : toPuzzleSolution(puzzle),
      });
      return { refused: refused.map(({ index, code }) => refusalOf(index, code)), held };
    } catch (thrown) {
      if (!canRefuse(thrown)) throw thrown;
      return { refused: refuseEach(secrets, thrown.code), held: [] };
    }
  }

  /** Where the consent stands and what opens its paths, signed. */
  async #registered(
    { institution, index, leaf, registeredAt }: ConsentReceipt,
    by: { readonly act: ReceiptAct; readonly request: ReceiptFacts; readonly sign: SignAnswer },
  ): Promise<RegisteredConsent> {
    const { act, request, sign } = by;
    const outcome = { index, registeredAt, subtreeKey: subtreeKeyAt(this.#pathKey, index) };
    const signed = await sign({ act, request, outcome });
    return { institution, leaf: String(leaf), ...outcome, signed };
  }

  async #signed(institution: string, consent: SignedConsentInput): Promise<SignedConsent> {
    this.#requireSelf(institution);
    const study = toStudyId(consent.study);
    const { field } = await this.#feed.db.transaction((tx) => requireStudy(tx, study), 'read');
    return toSignedConsent(consent, field);
  }

  my(opened: PermitSet, question: OwnQuestion): Promise<OwnParticipation> {
    return readOwn(
      { context: this.#feed, prove: this.#prove, pathKey: this.#pathKey },
      opened,
      question,
    );
  }

  keepWalletBackup(
    _opened: PermitSet,
    institution: string,
    { publicKey, signature, ...sent }: WalletBackupInput,
    nonce: string | null,
  ): Promise<KeptWalletBackup | Refusals> {
    return orRefusals(async () => {
      this.#requireSelf(institution);
      const sign = this.#receipts.begin(nonce);
      const key = toPublicKey(publicKey);
      const study = toStudyId(sent.study);
      const signedBackup = { publicKey: key, signature: toSignature(signature) };
      await keepBackup(this.#feed, { ...sent, study, ...signedBackup });
      const { sequence, backup } = sent;
      const request = { study, pseudonym: String(pseudonymOf(key)), backup };
      const signed = await sign({ act: 'KEEP_BACKUP', request, outcome: { sequence } });
      return { institution: this.#feed.institution, sequence, signed };
    });
  }

  async walletBackup(
    { holder }: PermitSet,
    institution: string,
    { study, at, publicKey, signature }: WalletBackupQuestion,
    nonce: string | null,
  ): Promise<WalletBackup | Refusals> {
    if (holder === undefined) throw new DomainError('TOKEN_MISSING');
    return orRefusals(async () => {
      this.#requireSelf(institution);
      const sign = this.#receipts.begin(nonce);
      const question = {
        study: toStudyId(study),
        at: secondsFromUnixMs(at.getTime()),
        publicKey: toPublicKey(publicKey),
        signature: toSignature(signature),
      };
      const outcome = { ...(await readBackup(this.#feed, question, holder)) };
      const request = { study, pseudonym: String(pseudonymOf(question.publicKey)) };
      const signed = await sign({ act: 'READ_BACKUP', request, outcome });
      return { institution: this.#feed.institution, ...outcome, signed };
    });
  }

  #requireSelf(institution: string): void {
    if (institution !== this.#feed.institution) throw new DomainError('NOT_FOR_THIS_INSTITUTION');
  }

  #outcome(given: readonly unknown[], refused: readonly Refusal[]) {
    const { institution } = this.#feed;
    const accepted = given.length - refused.length;
    return { institution, status: 'OK', accepted, refused } as const;
  }
}

/** One node's answer is complete if it took all that it was sent. */
function alone(outcome: Outcome): Presented {
  return { complete: outcome.refused.length === 0, outcomes: [outcome] };
}

function refuseEach(given: readonly unknown[], code: Refusal['code']): readonly Refusal[] {
  return given.map((_, index) => refusalOf(index, code));
}

async function orRefusals<T>(work: () => Promise<T>): Promise<T | Refusals> {
  try {
    return await work();
  } catch (thrown) {
    if (!canRefuse(thrown)) throw thrown;
    return { refused: [refusalOf(0, thrown.code)] };
  }
}
