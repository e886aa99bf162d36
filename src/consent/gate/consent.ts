import {
  requireAcceptedRoot,
  requireExpiry,
  requireHolder,
  requireRequest,
  requireTimely,
} from './checks.js';
import type { PresentationKind } from './kind.js';
import { type ConsentAsked, readConsentRequest } from './request.js';

/** Subject mode: a participant's consent opens that participant's rows. */
export const CONSENT_PRESENTATION: PresentationKind<ConsentAsked> = {
  statement: 'consent',
  read: readConsentRequest,
  requireSignals({ parameters, feed }, asked, signals, { now, snapshot }) {
    requireAcceptedRoot(signals.root, snapshot, { nowSeconds: now, statement: 'consent' });
    feed.requireComplete();
    const asOf = requireTimely(signals, now, parameters);
    requireExpiry(asked.expires, { asOf, now }, parameters);
    requireRequest(signals, asked.request, asked.purposeOf);
    requireHolder(signals, asked.holder);
  },
  isWithdrawable: true,
  plaintext: (_setting, asked, presentedAt) => ({
    holder: asked.holder.thumbprint,
    study: asked.study,
    purpose: asked.purpose,
    dataClasses: asked.dataClasses,
    labels: asked.labels,
    duties: asked.duties,
    windowFrom: asked.dataWindow.from,
    windowUntil: asked.dataWindow.until,
    role: null,
    party: '',
    presentedAt,
    expiresAt: () => asked.expires,
  }),
};
