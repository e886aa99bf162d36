/**
 * What every resolver gets: what this request has opened, and how to name the request.
 *
 * In a node `opened` is the permits its gate minted; at the gateway it is the requester, whose
 * token is passed on and decides nothing there.
 */
export interface SubgraphContext<Opened> {
  readonly opened: Opened;
  readonly requestId: string;
  /**
   * Aborted once the client has left or the server stops: who waits for something to happen waits no
   * longer then. Made when it is asked for. Without it nobody says so.
   */
  readonly ending?: () => AbortSignal;
}
