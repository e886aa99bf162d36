import { DomainError } from '../core/errors.js';
import type { StudyId } from '../core/ids.js';
import { toStudyId } from '../core/ids.js';
import { secondsFromUnixMs } from '../core/time.js';
import { keepBackup, readBackup } from './backup/keep-backup.js';
import type {
  KeptWalletBackup,
  WalletBackup,
  WalletBackupInput,
  WalletBackupQuestion,
} from './backup/model.js';
import type { ProveRows } from './evidence/prove.js';
import type { Feed } from './feed/feed.js';
import { takeWithdrawals } from './feed/withdraw.js';
import { accessOf } from './gate/access.js';
import type { Gate } from './gate/gate.js';
import type { PermitSet } from './gate/permit.js';
import {
  type Access,
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
  type WithdrawalProofInput,
} from './model.js';
import { readOwn } from './my/database.js';
import type { OwnParticipation, OwnQuestion } from './my/model.js';
import { eraseOwnConsents } from './register/erasure.js';
import { linkPatient } from './register/link.js';
import {
  amendConsent,
  type ConsentReceipt,
  registerConsent,
  type SignedConsent,
} from './register/register-consent.js';
import { toPuzzleSolution, toShownConsent } from './register/shown-consent.js';
import { toPublicKey, toSignature, toSignedConsent } from './register/signed-consent.js';
import { requireStudy } from './register/study.js';
import type { ConsentSource } from './source.js';

/** One node's answers: its gate, its part of the register, and its revocation feed. */
export class DatabaseConsents implements ConsentSource<PermitSet> {
  readonly #gate: Gate;
  readonly #feed: Feed;
  readonly #prove: ProveRows;
  readonly #linkKey: Uint8Array;

  constructor(parts: {
    readonly gate: Gate;
    readonly feed: Feed;
    readonly prove: ProveRows;
    /** As LinkContext has it. */
    readonly linkKey: Uint8Array;
  }) {
    this.#gate = parts.gate;
    this.#feed = parts.feed;
    this.#prove = parts.prove;
    this.#linkKey = parts.linkKey;
  }

  async access(
    opened: PermitSet,
    studies: readonly StudyId[],
  ): Promise<readonly (Access | null)[]> {
    return studies.map((study) => accessOf(opened, study));
  }

  async presentConsents(_opened: PermitSet, input: PresentConsentsInput): Promise<Presented> {
    return alone(await this.#gate.presentConsents(input));
  }

  async presentAccreditation(
    _opened: PermitSet,
    input: PresentAccreditationInput,
  ): Promise<Presented> {
    return alone(await this.#gate.presentAccreditation(input));
  }

  registerConsent(
    _opened: PermitSet,
    institution: string,
    consent: SignedConsentInput,
  ): Promise<RegisteredConsent | Refusals> {
    return orRefusals(async () =>
      receiptOf(await registerConsent(this.#feed, await this.#signed(institution, consent))),
    );
  }

  amendConsent(
    _opened: PermitSet,
    institution: string,
    consent: SignedConsentInput,
    supersededSecrets: readonly string[],
  ): Promise<RegisteredConsent | Refusals> {
    return orRefusals(async () => {
      const signed = await this.#signed(institution, consent);
      return receiptOf(await amendConsent(this.#feed, signed, supersededSecrets));
    });
  }

  eraseConsents(
    _opened: PermitSet,
    institution: string,
    { secrets, publicKey, signature }: ErasureInput,
  ): Promise<ErasedConsents | Refusals> {
    return orRefusals(async () => {
      this.#requireSelf(institution);
      const erased = await eraseOwnConsents(this.#feed, {
        secrets,
        publicKey: toPublicKey(publicKey),
        signature: toSignature(signature),
      });
      return { institution: this.#feed.institution, erased };
    });
  }

  linkParticipant(
    _opened: PermitSet,
    institution: string,
    link: LinkInput,
  ): Promise<LinkedParticipant | Refusals> {
    return orRefusals(async () => {
      this.#requireSelf(institution);
      const { db, clock } = this.#feed;
      const own = this.#feed.institution;
      const context = { db, clock, institution: own, linkKey: this.#linkKey };
      const { pseudonym, proxyUntil, confirmed } = await linkPatient(context, {
        study: toStudyId(link.study),
        codeId: link.codeId,
        publicKey: toPublicKey(link.publicKey),
        signature: toSignature(link.signature),
      });
      return { institution: own, pseudonym, proxyUntil, confirmed };
    });
  }

  async withdrawConsents(
    _opened: PermitSet,
    secrets: readonly string[],
    institution: string | null,
    { shown, puzzle }: WithdrawalProofInput,
  ): Promise<Presented> {
    if (institution !== null && institution !== this.#feed.institution) {
      return alone(this.#outcome(secrets, refuseEach(secrets, 'NOT_FOR_THIS_INSTITUTION')));
    }
    try {
      const refused = await takeWithdrawals(this.#feed, {
        secrets,
        shown: shown.map(toShownConsent),
        puzzle: puzzle === null ? undefined : toPuzzleSolution(puzzle),
      });
      const refusals = refused.map(({ index, code }) => refusalOf(index, code));
      return alone(this.#outcome(secrets, refusals));
    } catch (thrown) {
      if (!(thrown instanceof DomainError)) throw thrown;
      return alone(this.#outcome(secrets, refuseEach(secrets, thrown.code)));
    }
  }

  async #signed(institution: string, consent: SignedConsentInput): Promise<SignedConsent> {
    this.#requireSelf(institution);
    const study = toStudyId(consent.study);
    const { field } = await this.#feed.db.transaction((tx) => requireStudy(tx, study), 'read');
    return toSignedConsent(consent, field);
  }

  my(opened: PermitSet, question: OwnQuestion): Promise<OwnParticipation> {
    return readOwn({ context: this.#feed, prove: this.#prove }, opened, question);
  }

  keepWalletBackup(
    _opened: PermitSet,
    institution: string,
    { publicKey, signature, ...sent }: WalletBackupInput,
  ): Promise<KeptWalletBackup | Refusals> {
    return orRefusals(async () => {
      this.#requireSelf(institution);
      return keepBackup(this.#feed, {
        ...{ ...sent, study: toStudyId(sent.study) },
        publicKey: toPublicKey(publicKey),
        signature: toSignature(signature),
      });
    });
  }

  async walletBackup(
    { holder }: PermitSet,
    institution: string,
    { study, at, publicKey, signature }: WalletBackupQuestion,
  ): Promise<WalletBackup | Refusals> {
    if (holder === undefined) throw new DomainError('TOKEN_MISSING');
    return orRefusals(async () => {
      this.#requireSelf(institution);
      const question = {
        study: toStudyId(study),
        at: secondsFromUnixMs(at.getTime()),
        publicKey: toPublicKey(publicKey),
        signature: toSignature(signature),
      };
      return readBackup(this.#feed, question, holder);
    });
  }

  #requireSelf(institution: string): void {
    if (institution !== this.#feed.institution) throw new DomainError('NOT_FOR_THIS_INSTITUTION');
  }

  #outcome(given: readonly unknown[], refused: readonly Refusal[]): Outcome {
    const { institution } = this.#feed;
    return { institution, status: 'OK', accepted: given.length - refused.length, refused };
  }
}

function receiptOf({ institution, index, leaf, registeredAt }: ConsentReceipt): RegisteredConsent {
  return { institution, index, leaf: leaf.toString(), registeredAt };
}

function alone(outcome: Outcome): Presented {
  return { complete: true, outcomes: [outcome] };
}

function refuseEach(given: readonly unknown[], code: Refusal['code']): readonly Refusal[] {
  return given.map((_, index) => refusalOf(index, code));
}

async function orRefusals<T>(work: () => Promise<T>): Promise<T | Refusals> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    return { refused: [refusalOf(0, thrown.code)] };
  }
}
