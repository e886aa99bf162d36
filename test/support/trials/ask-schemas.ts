import { execute, type GraphQLSchema, parse } from 'graphql';
import { type InstitutionId, toInstitutionId } from '../../../src/core/ids.js';
import type { Answer, AskNodes, Question, SourceStatus } from '../../../src/graph/ask.js';

/** A node as the network sees it: its schema and what the request has opened there. */
export interface NodeUnderTest {
  readonly institution: string;
  /** Runs one document; the answer is what would be on the wire. */
  readonly answer: (question: Question<unknown>) => Promise<unknown>;
}

/** A node that executes its real schema. */
export function schemaNode(
  institution: string,
  schema: GraphQLSchema,
  opened: unknown,
): NodeUnderTest {
  return {
    institution,
    answer: async ({ document, variables }) => {
      const result = await execute({
        schema,
        document: parse(document),
        variableValues: variables,
        contextValue: { opened, requestId: 'test' },
      });
      // One round trip through JSON: what is no JSON value would not arrive.
      return JSON.parse(JSON.stringify(result));
    },
  };
}

/** A node that answers with whatever a test gives it. */
export function lyingNode(institution: string, data: unknown): NodeUnderTest {
  return { institution, answer: async () => ({ data }) };
}

/** A node that does not answer. */
export function deadNode(institution: string): NodeUnderTest {
  return { institution, answer: () => Promise.reject(new Error('ECONNREFUSED')) };
}

/** Asks all nodes given, whatever their roles, by the contract that AskNodes states. */
export function askNodesOf(
  nodes: readonly NodeUnderTest[],
  asked: Question<unknown>[] = [],
): AskNodes {
  const inOrder = [...nodes].sort((a, b) => (a.institution < b.institution ? -1 : 1));
  return {
    async ask<Data>(_requester: unknown, question: Question<Data>) {
      asked.push(question as Question<unknown>);
      return Promise.all(inOrder.map((node) => askNode(node, question)));
    },
  };
}

async function askNode<Data>(node: NodeUnderTest, question: Question<Data>): Promise<Answer<Data>> {
  const institution = toInstitutionId(node.institution);
  const { status, data } = await readAnswer(node, institution, question);
  return { institution, status, latencyMs: 1, data };
}

async function readAnswer<Data>(
  node: NodeUnderTest,
  institution: InstitutionId,
  question: Question<Data>,
): Promise<{ status: SourceStatus; data: Data | undefined }> {
  let answer: { data?: unknown; errors?: unknown };
  try {
    answer = (await node.answer(question as Question<unknown>)) as typeof answer;
  } catch {
    return { status: 'UNAVAILABLE', data: undefined };
  }
  if (answer.errors !== undefined) return { status: 'UNAVAILABLE', data: undefined };
  try {
    return { status: 'OK', data: question.parse(answer.data, institution) };
  } catch {
    return { status: 'UNAVAILABLE', data: undefined };
  }
}
