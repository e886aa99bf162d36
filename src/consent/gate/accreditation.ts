import { requireAcceptedRoot, requireHolder, requireRequest, requireTimely } from './checks.js';
import type { PresentationKind } from './kind.js';
import { type AccreditationAsked, readAccreditationRequest } from './request.js';

/**
 * Cohort and partner mode: an accreditation opens counts, or the rows that a party is party to.
 *
 * It has no published secret: it is revoked by overwriting its leaf, so its root must be recent.
 */
export const ACCREDITATION_PRESENTATION: PresentationKind<AccreditationAsked> = {
  statement: 'accreditation',
  read: readAccreditationRequest,
  requireSignals({ parameters }, asked, signals, { now, snapshot }) {
    requireAcceptedRoot(signals.root, snapshot, { nowSeconds: now, statement: 'accreditation' });
    requireTimely(signals, now, parameters);
    requireRequest(signals, asked.requestAt(signals.asOf));
    requireHolder(signals, asked.holder);
  },
  isWithdrawable: false,
  plaintext: ({ parameters }, asked, presentedAt) => ({
    holder: asked.holder.thumbprint,
    study: asked.study ?? null,
    purpose: null,
    dataClasses: [],
    labels: [],
    duties: [],
    windowFrom: 0,
    windowUntil: 0,
    role: asked.role,
    party: asked.party,
    presentedAt,
    expiresAt: (asOf) => asOf + parameters.accreditationLifeSeconds,
  }),
};
