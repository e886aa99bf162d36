import { execute, type GraphQLSchema, parse } from 'graphql';
import { pino } from 'pino';
import { NetworkConsents } from '../../../src/consent/answers/network-consents.js';
import { type Release, recordDisclosures } from '../../../src/consent/disclosures/disclosure.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import type { InstitutionId } from '../../../src/core/ids.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { createAskNodes } from '../../../src/network/ask-nodes.js';
import { importGatewayKey } from '../../../src/network/gateway-key.js';
import { institutionField } from '../../../src/zk/arithmetic/field.js';
import { signEddsa } from '../../../src/zk/eddsa.js';
import { listMessage } from '../../../src/zk/leaf.js';
import { HILLSIDE, LAKESHORE, RIVERSIDE, STUDY } from '../names.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import type { Session } from './gate-fixture.js';
import { dateOf, makeSession, now } from './gate-fixture.js';
import { type ConsentNode, signToken, startConsentNode } from './node-fixture.js';
import { linkedWallet, type StudyWallet } from './study-wallet.js';

export type Answered = {
  readonly data: {
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its own query selects.
    readonly my: any;
    // biome-ignore lint/suspicious/noExplicitAny: the same.
    readonly [alias: string]: any;
  };
  readonly codes: readonly string[];
};

export const MY = `query ($study: ID!, $publicKey: PublicKeyInput!, $lists: [SignedListInput!]!,
    $first: Int, $after: String, $since: DateTime) {
  my(study: $study, publicKey: $publicKey, lists: $lists) {
    study pseudonym complete sources { institution { id } status } refused { index code }
    consents { institution { id } index handle requester custodian { id } purposes dataClasses
      labels duties state explanation withdrawnAt }
    disclosures(first: $first, after: $after, since: $since) { complete
      sources { institution { id } status }
      nodes { id at custodian { id } handle requester purpose dataClass count record }
      edges { cursor node { count } } pageInfo { hasNextPage endCursor } } } }`;

export const inDecimals = <Key extends string>(fields: Readonly<Record<Key, bigint>>) =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));

/** What a wallet signs to be answered; a test changes what an attacker would. */
export function signedList(
  wallet: StudyWallet,
  session: Session,
  institution: string,
  change: { readonly at?: number; readonly signedFor?: string } = {},
) {
  const { at = now, signedFor = institution } = change;
  const message = listMessage(institutionField(signedFor), BigInt(at), session.holder.field);
  return { institution, at: dateOf(at), signature: inDecimals(signEddsa(wallet.seed, message)) };
}

/** Two hospitals' nodes over HTTP, one that is dead, and the network's subgraph that asks them. */
export async function openMyNetwork() {
  const statements: string[] = [];
  const server = await openFreshPglite({ onStatement: (statement) => statements.push(statement) });
  const riverside = await startConsentNode(await server.open(RIVERSIDE), RIVERSIDE, 1n);
  const lakeshore = await startConsentNode(await server.open(LAKESHORE), LAKESHORE, 1n);
  const gatewayKey = await importGatewayKey((await makeSession()).privateJwk);
  const dead = { ...riverside.asked, id: HILLSIDE, endpoint: 'http://127.0.0.1:9' };
  const institutions = [riverside.asked, lakeshore.asked, dead];
  const logger = pino({ level: 'silent' });
  const ask = createAskNodes({ institutions: () => institutions, gatewayKey, logger });
  const schema = consentSubgraph(new NetworkConsents(ask, () => institutions.map(({ id }) => id)));

  async function run(by: Session | undefined, query: string, variables: object): Promise<Answered> {
    const token = by && (await signToken(by, gatewayKey.thumbprint));
    return answerOf(schema, query, variables, { token, requestId: 'test' });
  }

  return {
    riverside,
    lakeshore,
    gatewayKey,
    statements,
    schema,
    run,
    /** Asks as the client kit does. */
    my: (
      wallet: StudyWallet,
      session: Session,
      asked: readonly InstitutionId[],
      more: object = {},
    ) =>
      run(session, MY, {
        study: STUDY,
        publicKey: inDecimals(wallet.publicKey),
        lists: asked.map((institution) => signedList(wallet, session, institution)),
        ...more,
      }),
    async close() {
      await riverside.stop();
      await lakeshore.stop();
      await server.close();
    },
  };
}

/** Runs a query against one schema, with variables as they come over a wire. */
export async function answerOf(
  schema: GraphQLSchema,
  query: string,
  variables: object,
  opened: unknown,
): Promise<Answered> {
  const { data, errors = [] } = await execute({
    schema,
    document: parse(query),
    variableValues: JSON.parse(JSON.stringify(variables)),
    contextValue: { opened, requestId: 'test' },
  });
  const codes = errors.map(
    ({ originalError, message }) => (originalError as { code?: string } | null)?.code ?? message,
  );
  return { data: JSON.parse(JSON.stringify(data ?? {})), codes };
}

/** A participant with a consent at a node, and the handle that releases are made under. */
export async function participantAt(node: ConsentNode, patientId: string) {
  const wallet = await linkedWallet(node.feed, patientId);
  const signed = wallet.consent(1n);
  await registerConsent(node.feed, signed);
  return { wallet, handle: String(signed.fields.handle) };
}

/** Releases of a participant's rows, as the records of a node log them. */
export function release(
  node: ConsentNode,
  { pseudonym }: StudyWallet,
  ...changes: readonly Partial<Release>[]
): Promise<void> {
  const rows = changes.map((change): Release => {
    return {
      at: now - 60,
      study: STUDY,
      pseudonym: toPseudonym(String(pseudonym)),
      handle: '1',
      purpose: 'HRESCH',
      dataClass: 'OBSERVATION',
      count: 1,
      ...change,
    };
  });
  return node.db.transaction((tx) => recordDisclosures(tx, rows));
}
