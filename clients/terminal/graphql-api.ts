import { request } from 'undici';

/** What the platform refused, by the code and in the words of its answer. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The platform gave no answer. */
export class Unreachable extends Error {
  constructor(
    readonly url: string,
    options?: ErrorOptions,
  ) {
    super(undefined, options);
  }
}

const TIMEOUT_MS = 30_000;

interface Reply<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

export interface Call {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly accessToken?: string;
}

/** Queries and mutations by HTTP. Throws ApiError and Unreachable. */
export class GraphqlApi {
  constructor(readonly url: string) {}

  async send<Data>({ query, variables = {}, accessToken }: Call): Promise<Data> {
    const { data, errors = [] } = await this.#post<Data>({ query, variables, ...(accessToken && { accessToken }) });
    const [error] = errors;
    if (error) throw new ApiError(error.extensions?.code ?? 'INTERNAL_SERVER_ERROR', error.message);
    if (!data) throw new Unreachable(this.url);
    return data;
  }

  async #post<Data>({ query, variables, accessToken }: Call): Promise<Reply<Data>> {
    try {
      const reply = await request(`${this.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(accessToken && { authorization: `Bearer ${accessToken}` }),
        },
        body: JSON.stringify({ query, variables }),
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      });
      return (await reply.body.json()) as Reply<Data>;
    } catch (cause) {
      throw new Unreachable(this.url, { cause });
    }
  }
}
