import { systemClock } from '../../core/clock.js';
import { DomainError, invariant } from '../../core/errors.js';
import { type InstitutionId, type StudyId, toInstitutionId } from '../../core/ids.js';
import { isoFromSeconds, secondsFromUnixMs } from '../../core/time.js';
import { MAX_BACKUP_CHARACTERS } from '../../core/wallet-backup.js';
import { answerBytes } from '../../graph/answer-size.js';
import {
  type Answer,
  type AskNodes,
  type Question,
  type RequestOrigin,
  type Role,
  stateOf,
  undecided,
} from '../../graph/ask.js';
import type { Page } from '../../graph/federated.js';
import type {
  Access,
  ErasedConsents,
  ErasureInput,
  LinkedParticipant,
  LinkInput,
  Outcome,
  PresentAccreditationInput,
  PresentConsentsInput,
  Presented,
  Refusals,
  RegisteredConsent,
  SignedConsentInput,
  StudyAccess,
  WithdrawalInput,
} from '../base/model.js';
import { INTERVAL_SECONDS, SourceLimit } from '../feed/source-limit.js';
import { requireProofCount } from '../gate/judge.js';
import { MAX_PROOFS } from '../gate/parameters.js';
import type {
  KeptWalletBackup,
  WalletBackup,
  WalletBackupInput,
  WalletBackupQuestion,
} from './backup/model.js';
import { KEEP_BACKUP, parseBackup, parseKept, READ_BACKUP } from './backup/network-answers.js';
import type { ConsentSource } from './consent-source.js';
import type { OwnParticipation, OwnQuestion } from './my/model.js';
import { askOwn } from './my/network-my.js';
import {
  type NodeAccess,
  parseAccesses,
  parseErased,
  parseLinked,
  parseOutcome,
  parseRegistered,
} from './network-answers.js';
import {
  ACCESS,
  AMEND,
  ERASE,
  LINK,
  PRESENT_ACCREDITATION,
  PRESENT_CONSENTS,
  REGISTER,
  WITHDRAW,
} from './network-documents.js';
import type { StudiesQuestion, StudyReference } from './studies/model.js';
import { askStudies } from './studies/network-studies.js';
import type { WithdrawalPage, WithdrawalsQuestion } from './withdrawals/model.js';
import { askWithdrawals } from './withdrawals/network-withdrawals.js';
import { WaitingPlaces } from './withdrawals/waiting.js';

/** What one study's permits say of what they open. */
const ACCESS_BYTES = 4 * 1024;
/** Of one proof or secret: whether it was taken, and why not. */
const OUTCOME_BYTES = 512;
/** A kept backup, or what one institution says that it took. */
const RECEIPT_BYTES = 16 * 1024 + MAX_BACKUP_CHARACTERS;

/** Who keeps participants' records, so who is shown their consents. */
const CUSTODIANS: readonly Role[] = ['HOSPITAL'];
const ALL: readonly Role[] = ['HOSPITAL', 'SPONSOR', 'MANUFACTURER', 'PHARMACY', 'PAYER'];
/** A thousand proofs take a node about half a minute. */
const PRESENTATION_BUDGET_MS = 120_000;
/** Institutions that take a withdrawal: one alone could keep it to itself. */
const COPIES = 2;
/**
 * Strangers' secrets that one address may bring through this gateway in a minute. A node counts what all
 * of a gateway's clients bring as the gateway's, so one that floods would use up everybody's.
 */
export const STRANGERS_PER_ADDRESS = 400;
/** Clients of this gateway that wait for withdrawals; a quarter of a server's connections in all. */
const WAITING = { all: 250, ofCaller: 4 };
/** A register waits while its node prepares an anchor. */
const WALLET_BUDGET_MS = 15_000;

/** The network's answers: asks the nodes in the requester's name and decides nothing itself. */
export class NetworkConsents implements ConsentSource<RequestOrigin> {
  readonly #nodes: AskNodes;
  readonly #institutions: () => readonly InstitutionId[];

  readonly #presentationBudgetMs: number;
  readonly #strangers = new SourceLimit(STRANGERS_PER_ADDRESS);
  readonly #waiting = new WaitingPlaces(WAITING);

  /**
   * @param institutions - the active institutions of the ledger's newest snapshot.
   * @param presentationBudgetMs - what a node has to check the proofs of one presentation.
   */
  constructor(
    nodes: AskNodes,
    institutions: () => readonly InstitutionId[],
    presentationBudgetMs = PRESENTATION_BUDGET_MS,
  ) {
    this.#nodes = nodes;
    this.#institutions = institutions;
    this.#presentationBudgetMs = presentationBudgetMs;
  }

  async access(
    requester: RequestOrigin,
    studies: readonly StudyId[],
  ): Promise<readonly StudyAccess[]> {
    // Without a token there is no holder, so nothing that any node could have been shown.
    if (requester.token === undefined) return studies.map(() => ({ access: null, sources: [] }));
    const answers = await this.#nodes.ask(requester, {
      subgraph: 'consent',
      maxBytes: answerBytes(studies.length, ACCESS_BYTES),
      needsToken: true,
      document: ACCESS,
      variables: { studies: studies.map((registryId) => ({ __typename: 'Study', registryId })) },
      of: { roles: CUSTODIANS },
      parse: parseAccesses(studies),
    });
    return studies.map((_, i) => mergeAccess(answers, i));
  }

  studies(requester: RequestOrigin, page: StudiesQuestion): Promise<Page<StudyReference>> {
    return askStudies(this.#nodes, requester, page);
  }

  withdrawals(
    requester: RequestOrigin,
    question: WithdrawalsQuestion,
    ending?: () => AbortSignal,
  ): Promise<WithdrawalPage> {
    return askWithdrawals(this.#nodes, this.#waiting, { requester, question }, ending);
  }

  presentConsents(requester: RequestOrigin, input: PresentConsentsInput): Promise<Presented> {
    return this.#present(requester, PRESENT_CONSENTS, input, CUSTODIANS);
  }

  presentAccreditation(
    requester: RequestOrigin,
    input: PresentAccreditationInput,
  ): Promise<Presented> {
    return this.#present(requester, PRESENT_ACCREDITATION, input, ALL);
  }

  registerConsent(
    requester: RequestOrigin,
    institution: string,
    consent: SignedConsentInput,
    nonce: string | null,
  ): Promise<RegisteredConsent | Refusals> {
    const variables = { institution, consent, nonce };
    return this.#askOne(requester, institution, REGISTER, variables, parseRegistered);
  }

  amendConsent(
    requester: RequestOrigin,
    institution: string,
    consent: SignedConsentInput,
    supersededSecrets: readonly string[],
    nonce: string | null,
  ): Promise<RegisteredConsent | Refusals> {
    const variables = { institution, consent, secrets: supersededSecrets, nonce };
    return this.#askOne(requester, institution, AMEND, variables, parseRegistered);
  }

  eraseConsents(
    requester: RequestOrigin,
    institution: string,
    erasure: ErasureInput,
    nonce: string | null,
  ): Promise<ErasedConsents | Refusals> {
    const parse = parseErased(erasure.secrets.length);
    return this.#askOne(requester, institution, ERASE, { institution, erasure, nonce }, parse);
  }

  linkParticipant(
    requester: RequestOrigin,
    institution: string,
    link: LinkInput,
    nonce: string | null,
  ): Promise<LinkedParticipant | Refusals> {
    return this.#askOne(requester, institution, LINK, { institution, link, nonce }, parseLinked);
  }

  /**
   * Asks one institution after another until enough have taken all. It begins at a random one, so that
   * no node becomes the place where withdrawals are seen coming, or are lost.
   */
  async withdrawConsents(
    requester: RequestOrigin,
    withdrawal: WithdrawalInput,
  ): Promise<Presented> {
    const { secrets, institution, nonce, proof } = withdrawal;
    if (secrets.length === 0 || secrets.length > MAX_PROOFS) {
      throw new DomainError('BAD_INPUT', { argument: 'secrets', least: 1, most: MAX_PROOFS });
    }
    this.#requireShare(requester, withdrawal);
    const candidates =
      institution === null ? fromAnywhere(this.#institutions()) : [toInstitutionId(institution)];
    const needed = requireCopies(withdrawal.copies, candidates.length);
    const outcomes: Outcome[] = [];
    for (const candidate of candidates) {
      if (outcomes.filter(isSettled).length >= needed) break;
      const of = { institutions: [candidate] };
      const variables = { secrets, ...proof, nonce };
      outcomes.push(
        ...(await this.#outcomes(requester, { document: WITHDRAW, variables }, secrets.length, of)),
      );
    }
    const complete = outcomes.filter(tookAll).length >= needed;
    return { complete, outcomes: outcomes.sort(byInstitution) };
  }

  /**
   * Work is shown for secrets that no institution may know, and only those use up a gateway's share.
   *
   * @throws DomainError INPUT_TOO_LARGE {secrets, most} for more than an address has in a minute;
   * RATE_LIMITED {seconds}.
   */
  #requireShare({ address = '' }: RequestOrigin, { secrets, proof }: WithdrawalInput): void {
    if (proof.puzzle == null) return;
    if (secrets.length > STRANGERS_PER_ADDRESS) {
      throw new DomainError('INPUT_TOO_LARGE', {
        secrets: secrets.length,
        most: STRANGERS_PER_ADDRESS,
      });
    }
    if (this.#strangers.take(address, secrets.length, systemClock.nowSeconds())) return;
    throw new DomainError('RATE_LIMITED', { seconds: INTERVAL_SECONDS });
  }

  my(requester: RequestOrigin, question: OwnQuestion): Promise<OwnParticipation> {
    return askOwn(this.#nodes, requester, question);
  }

  keepWalletBackup(
    requester: RequestOrigin,
    institution: string,
    backup: WalletBackupInput,
    nonce: string | null,
  ): Promise<KeptWalletBackup | Refusals> {
    const parse = parseKept(backup.sequence);
    return this.#askOne(requester, institution, KEEP_BACKUP, { institution, backup, nonce }, parse);
  }

  async walletBackup(
    requester: RequestOrigin,
    institution: string,
    question: WalletBackupQuestion,
    nonce: string | null,
  ): Promise<WalletBackup | Refusals> {
    // A node gives it to the session that the study key named, and a token is what shows a session.
    if (requester.token === undefined) throw new DomainError('TOKEN_MISSING');
    const at = isoFromSeconds(secondsFromUnixMs(question.at.getTime()));
    const variables = { institution, question: { ...question, at }, nonce };
    return this.#askOne(requester, institution, READ_BACKUP, variables, parseBackup, true);
  }

  async #present(
    requester: RequestOrigin,
    document: string,
    input: PresentConsentsInput | PresentAccreditationInput,
    roles: readonly Role[],
  ): Promise<Presented> {
    const sent = requireProofCount(input.proofs).length;
    const of =
      input.institution == null
        ? { roles }
        : { institutions: [toInstitutionId(input.institution)] };
    // Whose turns it takes depends on who shows it: without the token, on whom anybody may name.
    const outcomes = await this.#outcomes(
      requester,
      { document, variables: { input } },
      sent,
      of,
      true,
    );
    return { complete: outcomes.length > 0 && outcomes.every(tookAll), outcomes };
  }

  async #outcomes(
    requester: RequestOrigin,
    asked: Pick<Question<Outcome>, 'document' | 'variables'>,
    sent: number,
    of: Question<Outcome>['of'],
    needsToken = false,
  ): Promise<Outcome[]> {
    const answers = await this.#nodes.ask(requester, {
      subgraph: 'consent',
      maxBytes: answerBytes(sent, OUTCOME_BYTES),
      needsToken,
      ...asked,
      of,
      parse: parseOutcome(sent),
      budgetMs: this.#presentationBudgetMs,
    });
    return answers.map(toOutcome);
  }

  /**
   * One institution acts, and this is its own answer.
   *
   * @throws DomainError SOURCE_UNAVAILABLE without one: nobody knows then whether it acted.
   */
  async #askOne<Data>(
    requester: RequestOrigin,
    institution: string,
    document: string,
    variables: Question<Data>['variables'],
    parse: Question<Data>['parse'],
    needsToken = false,
  ): Promise<Data | Refusals> {
    const [answer] = await this.#nodes.ask(requester, {
      subgraph: 'consent',
      maxBytes: answerBytes(1, RECEIPT_BYTES),
      needsToken,
      document,
      variables,
      of: { institutions: [toInstitutionId(institution)] },
      parse,
      budgetMs: WALLET_BUDGET_MS,
    });
    invariant(answer !== undefined, 'one institution asked is one answer');
    if (answer.data === undefined) throw undecided([answer]);
    return answer.data;
  }
}

function toOutcome({ institution, status, data }: Answer<Outcome>): Outcome {
  return data ?? { institution, status, accepted: 0, refused: [], held: [], signed: null };
}

/**
 * Whether it accepted every well-formed secret: a malformed one is refused by every institution.
 */
function isSettled({ status, refused }: Outcome): boolean {
  return status === 'OK' && refused.every(({ code }) => code === 'SECRET_MALFORMED');
}

function tookAll({ status, refused }: Outcome): boolean {
  return status === 'OK' && refused.length === 0;
}

/** @throws DomainError BAD_INPUT for less than one copy. */
function requireCopies(copies: number | null, institutions: number): number {
  if (copies !== null && copies < 1) throw new DomainError('BAD_INPUT', { argument: 'copies' });
  return copies ?? Math.max(1, Math.min(COPIES, institutions));
}

/** What the nodes said of the study at that place in the question. */
function mergeAccess(
  answers: readonly Answer<readonly NodeAccess[]>[],
  place: number,
): StudyAccess {
  return {
    access: mostPresented(answers.map(({ data }) => data?.[place]?.access ?? null)),
    sources: answers.map((answer) => stateOf(answer, answer.data?.[place]?.status)),
  };
}

/** Nodes were shown the same, some perhaps not all of it: what the best informed one says. */
function mostPresented(accesses: readonly (Access | null)[]): Access | null {
  return accesses.reduce(
    (most, access) => ((access?.presented ?? 0) > (most?.presented ?? 0) ? access : most),
    null,
  );
}

function fromAnywhere(institutions: readonly InstitutionId[]): readonly InstitutionId[] {
  const start = Math.floor(Math.random() * institutions.length);
  return [...institutions.slice(start), ...institutions.slice(0, start)];
}

function byInstitution(a: Outcome, b: Outcome): number {
  return a.institution < b.institution ? -1 : 1;
}
