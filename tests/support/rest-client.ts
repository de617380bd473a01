import { request } from 'undici';

export interface RestReply<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Body;
  readonly text: string;
}

export interface RestRequest {
  readonly token?: string | undefined;
  /** Sent as JSON; a string is sent as it is. */
  readonly json?: unknown;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

/** A plain HTTP client on one origin. */
export function restClient(url: string) {
  return async function send<Body = Record<string, unknown>>(
    route: string,
    { token, json, query, headers }: RestRequest = {},
  ): Promise<RestReply<Body>> {
    const [method = 'GET', path = '/'] = route.split(' ');
    const reply = await request(`${url}${path}`, {
      method: method as 'GET',
      ...(query ? { query } : {}),
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      ...(json === undefined ? {} : { body: typeof json === 'string' ? json : JSON.stringify(json) }),
    });
    const text = await reply.body.text();
    const isJson = /json/.test(String(reply.headers['content-type']));
    return { status: reply.statusCode, headers: reply.headers, body: (isJson ? JSON.parse(text) : null) as Body, text };
  };
}

export type RestClient = ReturnType<typeof restClient>;

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** Registers an account and signs it in. */
export async function signUp(send: RestClient, email: string, password = 'secret123'): Promise<Account> {
  const json = { email, password };
  const { status, body, text } = await send<{ user: { id: string }; accessToken: string; refreshToken: string }>(
    'POST /auth/register',
    { json },
  );
  if (status !== 201) throw new Error(`no account for ${email}: ${status} ${text}`);
  return { id: body.user.id, email, token: body.accessToken, refreshToken: body.refreshToken };
}
