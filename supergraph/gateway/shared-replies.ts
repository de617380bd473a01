import type { Reply } from './exchange.js';

interface Fetch {
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: unknown;
}

/**
 * One exchange for equal queries that are under way for the same client request. A plan asks for the same owner once per
 * list that names it, at about the same time and each time by another operation name.
 *
 * Requests never share: replies are kept by the request's own context, so that who asks need not be part of the key.
 * Mutations are always sent. Each asker must parse the text anew, because the gateway writes into what it gets.
 */
export class SharedReplies {
  readonly #underWay = new WeakMap<object, Map<string, Promise<Reply>>>();

  of(context: object, fetch: Fetch, send: () => Promise<Reply>): Promise<Reply> {
    const key = keyOf(fetch);
    if (key === undefined) return send();
    const replies = this.#repliesOf(context);
    const known = replies.get(key);
    if (known) return known;
    const reply = send().finally(() => replies.delete(key));
    replies.set(key, reply);
    return reply;
  }

  #repliesOf(context: object): Map<string, Promise<Reply>> {
    let replies = this.#underWay.get(context);
    if (!replies) this.#underWay.set(context, (replies = new Map<string, Promise<Reply>>()));
    return replies;
  }
}

/** The fetch without its operation's name; undefined for whatever is not a query. */
function keyOf({ query, operationName, variables }: Fetch): string | undefined {
  if (!query?.startsWith('query') && !query?.startsWith('{')) return undefined;
  const named = operationName ? `query ${operationName}` : '';
  const nameless = named && query.startsWith(named) ? `query${query.slice(named.length)}` : query;
  return `${nameless}\n${JSON.stringify(variables)}`;
}
