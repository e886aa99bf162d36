import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';
import { z } from 'zod';

/** schema/changes.json: what the coming version breaks, each for a reason that its users can read. */
export const ApiChanges = z.strictObject({
  breaking: z.array(
    z.strictObject({
      /** As GraphQL Inspector names the place, for example `Query.trial.id`. */
      path: z.string().min(1),
      /** As GraphQL Inspector names the change, for example `FIELD_REMOVED`. */
      type: z.string().min(1),
      /** Why it was worth it, and what to use instead. */
      reason: z.string().min(20),
    }),
  ),
});
export type ApiChanges = z.infer<typeof ApiChanges>;

/** What is wrong between an API, the next one and the list of what that one breaks. */
export interface ApiFindings {
  /** Breaking changes that the list does not have. */
  readonly unlisted: readonly string[];
  /** Entries of the list that are no breaking change. */
  readonly idle: readonly string[];
}

/** Compares two versions of the API as their clients see it. */
export async function findBreakingChanges(
  released: GraphQLSchema,
  coming: GraphQLSchema,
  { breaking }: ApiChanges,
): Promise<ApiFindings> {
  const changes = (await diff(released, coming)).filter(isBreaking).map(nameOfChange);
  const listed = breaking.map(({ path, type }) => `${type} ${path}`);
  return {
    unlisted: changes.filter((change) => !listed.includes(change)),
    idle: listed.filter((change) => !changes.includes(change)),
  };
}

function isBreaking({ criticality }: Change): boolean {
  return criticality.level === CriticalityLevel.Breaking;
}

function nameOfChange({ type, path }: Change): string {
  return `${type} ${path ?? ''}`;
}
