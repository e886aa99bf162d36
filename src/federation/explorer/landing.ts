/** What a visitor's page is filled in with: a query that runs, and the header that it needs. */
export interface Landing {
  readonly document: string;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Variables of ready operations that only this installation knows, or only this persona, by the
   * operation's name. They override those stored with the operation.
   */
  readonly variables?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
