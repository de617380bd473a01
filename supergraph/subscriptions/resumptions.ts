/** How the events of a subscription field are taken up again by another field with the same events. */
export interface Resumption {
  /** The field that gives the rest. The same field where it was asked for with its own arguments, it may be asked for again. */
  readonly by: string;
  /** Its arguments, each with the field of the last event that it is taken from. */
  readonly arguments: Readonly<Record<string, string>>;
  /** The field that only the last event of all has a value of. */
  readonly lastHas: string;
}

/** By subscription fields. The supergraph itself takes up again what stands here when a subgraph is lost; all else ends. */
export type Resumptions = Readonly<Record<string, Resumption>>;

const ANSWER: Resumption = { by: 'chatMessage', arguments: { id: 'id', after: 'seq' }, lastHas: 'message' };

export const RESUMPTIONS: Resumptions = { chat: ANSWER, chatMessage: ANSWER };
