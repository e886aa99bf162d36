import { PRESENT_ACCREDITATION } from './accredit.js';
import { KEEP, READ } from './backup-place.js';
import { AMEND, ERASE, LINK, REGISTER } from './consent-cycle.js';
import { NETWORK } from './ledger-accounts.js';
import { MY } from './my.js';
import { PRESENT_CONSENTS } from './present.js';
import { WITHDRAW } from './withdraw.js';
import { WITHDRAWALS } from './withdrawals/follow.js';

/** Every document that the kit itself sends: a gateway that answers trusted documents alone trusts these. */
export const KIT_DOCUMENTS: readonly string[] = [
  ...[LINK, REGISTER, AMEND, ERASE, WITHDRAW],
  ...[PRESENT_CONSENTS, PRESENT_ACCREDITATION, MY],
  ...[KEEP, READ, NETWORK, WITHDRAWALS],
];
