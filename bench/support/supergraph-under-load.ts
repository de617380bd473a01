import { anyFreePort } from '../../infra/local/ports.js';
import { createAccessToken } from './access-token.js';
import { ChildProgram } from './child-program.js';
import { answerOf, type GraphqlTarget } from './measure.js';
import type { SubgraphUrls } from './subgraph-urls.js';

const READY_WITHIN_MS = 15_000;
/** Limits are on, and never met. */
export const NO_LIMIT = '1000000';

/** The programs of one benchmark; all of them end with it. */
export class Children {
  readonly #started: ChildProgram[] = [];

  start(program: URL, env?: Record<string, string>): ChildProgram {
    const child = new ChildProgram(program, env);
    this.#started.push(child);
    return child;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((child) => child.stop()));
  }
}

export interface UnderLoad {
  readonly urls: SubgraphUrls;
  readonly target: GraphqlTarget;
}

/** The platform's supergraph as it runs in production, before subgraphs that answer from memory. */
export async function startSupergraph(children: Children, query: string): Promise<UnderLoad> {
  const double = children.start(new URL('./subgraph-double.js', import.meta.url));
  const urls = await double.firstMessage<SubgraphUrls>();
  const { token, publicKey } = await createAccessToken();
  const port = await anyFreePort();
  children.start(new URL('../../supergraph/main.js', import.meta.url), {
    PORT: String(port),
    JWT_PUBLIC_KEY: publicKey,
    AUTH_URL: urls.auth,
    ANALYTICS_URL: urls.analytics,
    IMAGE_URL: urls.image,
    SUM_URL: urls.summarize,
    CHAT_URL: urls.chat,
    RATE_LIMIT_PER_MIN: NO_LIMIT,
  });
  return { urls, target: { url: `http://127.0.0.1:${port}`, token, query, subgraphCounter: urls.auth } };
}

/** The first good answer. A program that listens may still be without what it needs to tell who asks. */
export async function firstAnswerOf(target: GraphqlTarget): Promise<string> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      return await answerOf(target);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
