import { request } from 'undici';

export interface GraphqlReply {
  readonly status: number;
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly GraphqlFault[];
  readonly text: string;
}

export interface GraphqlFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly issues?: readonly { path: string; rule: string }[] };
}

export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
}

/** Sends one GraphQL request as any client would. */
export async function sendGraphql(
  url: string,
  { query, variables, token, headers }: GraphqlRequest,
): Promise<GraphqlReply> {
  const reply = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await reply.body.text();
  const { data = null, errors = [] } = JSON.parse(text) as Partial<GraphqlReply>;
  return { status: reply.statusCode, data, errors, text };
}

/** The data of a request that must succeed; fails with the reply otherwise. */
export async function graphqlData<Data>(url: string, sent: GraphqlRequest): Promise<Data> {
  const reply = await sendGraphql(url, sent);
  if (reply.errors.length > 0 || reply.data === null) throw new Error(`${reply.status}: ${reply.text}`);
  return reply.data as Data;
}
