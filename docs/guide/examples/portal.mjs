/**
 * A portal that reads what one participant consented to. Its secret is in portal.json.
 *
 * Run from the project's folder: node docs/guide/examples/portal.mjs requester | read
 * `requester` prints the number that a participant writes into a consent. `read` takes the consent from
 * wallet.json, proves it (about 3 s), presents the proof and asks for observations.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv, env, exit } from 'node:process';
import { parseConsentPackage } from '../../../dist/client/consent/consent-package.js';
import { connectGateway } from '../../../dist/client/gateway/gateway.js';
import { fetchSubtree } from '../../../dist/client/requester/paths.js';
import { proveAsk } from '../../../dist/client/requester/present.js';
import { openReader } from '../../../dist/client/requester/query.js';
import { openRequester } from '../../../dist/client/gateway/requester.js';
import { systemClock } from '../../../dist/core/clock.js';
import { loadProvingArtifacts } from '../../../dist/zk/artifacts.js';
import { randomField, studyField } from '../../../dist/zk/field.js';
import { consentLeaf } from '../../../dist/zk/leaf.js';

const GATEWAY = env.GATEWAY ?? 'http://127.0.0.1:4000';
/** The node where the consent is registered; the ledger lists each institution's. */
const NODE = env.NODE ?? 'http://127.0.0.1:4011';
const FILE = 'portal.json';
const DAY = 86_400;
const study = { network: 'pilot', sponsor: 'northwind-trials', id: 'NCT90000001' };

if (!existsSync(FILE)) {
  writeFileSync(FILE, JSON.stringify({ secret: String(randomField()) }), { mode: 0o600 });
}
const requester = openRequester(BigInt(JSON.parse(readFileSync(FILE, 'utf8')).secret));

const OBSERVATIONS = `query Observations($study: ID!) {
  study(id: $study) {
    participants { nodes { pseudonym
      observations(first: 5) {
        nodes {
          code { coding { code } }
          value { ... on Quantity { value unit } }
          effective { from }
          custodian { id }
        }
        complete
      } } } } }`;

async function read() {
  const { consent: json } = JSON.parse(readFileSync('wallet.json', 'utf8'));
  const consent = parseConsentPackage(json);
  const gateway = await connectGateway({ url: GATEWAY, fetch });

  // The path of the leaf, recomputed from 1,024 leaves: nobody learns which one is meant.
  const source = { fetch, endpoint: NODE, institution: consent.institution };
  const path = (await fetchSubtree(source, consent)).pathOf(
    consentLeaf(consent.fields),
    consent.index,
  );

  const session = await requester.sessionFor(
    'consent',
    studyField(study.network, study.sponsor, study.id),
  );
  const now = systemClock.nowSeconds();
  const ask = {
    study,
    purpose: 'HRESCH',
    dataClasses: ['OBSERVATION', 'EXACT_DATE'],
    labels: [],
    duties: ['NO_REDISCLOSURE'],
    dataWindow: { from: now - 4 * 365 * DAY, until: now },
    institution: undefined,
    expires: now + 7 * DAY - 60,
  };
  const artifacts = await loadProvingArtifacts('consent', {
    production: false,
    allowDevelopmentKeys: true,
  });
  const proof = await proveAsk(ask, consent, path, { requester, session, artifacts });
  const reader = openReader({ gateway, session });
  const presented = await reader.present({ ask, holderJwk: session.holderJwk, proofs: [proof] });
  for (const { institution, accepted, refused } of presented.outcomes) {
    console.log(`${institution.id}: accepted ${accepted}`, refused.map(({ code }) => code).join(' '));
  }
  const answer = await reader.query(OBSERVATIONS, { study: study.id });
  console.log(JSON.stringify(answer.data, null, 2));
  for (const { code } of answer.errors) console.log(code);
}

const COMMANDS = { requester: () => console.log(String(requester.requester)), read };
const run = COMMANDS[argv[2]];
if (run === undefined) {
  console.error('requester | read');
  exit(2);
}
await run();
