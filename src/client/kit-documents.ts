import { KEEP, READ } from './consent/backup-place.js';
import { AMEND, ERASE, LINK, REGISTER } from './consent/consent-cycle.js';
import { MY } from './consent/my.js';
import { WITHDRAW } from './consent/withdraw.js';
import { NETWORK } from './gateway/ledger-accounts.js';
import { PRESENT_ACCREDITATION } from './requester/accredit.js';
import { PRESENT_CONSENTS } from './requester/present.js';
import { WITHDRAWALS } from './withdrawals/follow.js';

/**
 * Every GraphQL document that the client sends. A gateway that answers only trusted documents
 * trusts these.
 */
export const KIT_DOCUMENTS: readonly string[] = [
  ...[LINK, REGISTER, AMEND, ERASE, WITHDRAW],
  ...[PRESENT_CONSENTS, PRESENT_ACCREDITATION, MY],
  ...[KEEP, READ, NETWORK, WITHDRAWALS],
];
