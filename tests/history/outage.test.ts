import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventIdOf } from '#shared/events/usage-event.js';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { drained } from '../support/drained.js';

const AWAY_MS = 6_000;
/** Half a minute on a machine that has nothing else to do. */
const PATIENCE_MS = 240_000;
const PER_PHASE = 12;
/** One that always has a request under way, for each. */
const CLIENTS = 6;
/** A request without a reply. */
const LOST = { status: 0, body: { id: '' } };

let system: System;
let send: RestClient;
let ada: Account;
beforeAll(async () => {
  system = await startSystem();
  send = restClient(system.url);
  ada = await signUp(send, 'ada@example.com');
});
afterAll(() => system?.stop());

/** Clients that ask for one thing after another, of each service in turn. */
class Load {
  readonly replies: { status: number; id: string }[] = [];
  readonly #clients: readonly Promise<void>[];
  #asked = 0;
  #isOver = false;

  constructor() {
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client());
  }

  get underWay(): number {
    return this.#asked - this.replies.length;
  }

  /** Resolves after so many more replies. */
  async more(count: number): Promise<void> {
    const wanted = this.replies.length + count;
    while (this.replies.length < wanted) await sleep(5);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      const n = this.#asked++;
      const routes: [string, object][] = [
        ['POST /image/generate', { prompt: `un faro ${n}`, size: '64x64' }],
        ['POST /summarize', { text: `Un faro. Dos faros. Número ${n}.` }],
        ['POST /chat/message', { sessionId: `s${n}`, messages: [{ role: 'user', content: 'Hola' }] }],
      ];
      const [route, json] = routes[n % routes.length]!;
      const { status, body } = await send<{ id: string }>(route, { token: ada.token, json }).catch(() => LOST);
      this.replies.push({ status, id: body.id });
    }
  }
}

describe('the services whose analytics is killed under load, and away for a while', () => {
  it(
    'answer all the same, and each request is one event once analytics is back',
    async () => {
      const analytics = system.platform.services.get('analytics')!;
      const load = new Load();
      await load.more(PER_PHASE);
      expect(load.underWay).toBeGreaterThan(0);
      await analytics.kill();
      const away = sleep(AWAY_MS);
      await load.more(PER_PHASE);
      await away;
      expect(await system.keys('chat', 'outbox/')).not.toEqual([]);
      await load.more(PER_PHASE);
      await analytics.start();
      await load.more(PER_PHASE);
      await load.end();
      expect(new Set(load.replies.map(({ status }) => status))).toEqual(new Set([200]));
      await drained(system);
      const events = await system.events(ada.id, load.replies.length);
      const expected = load.replies.map(({ id }) => eventIdOf(id)).toSorted();
      expect(events.map(({ _id }) => String(_id)).toSorted()).toEqual(expected);
      const overview = await send(`GET /analytics/user/${ada.id}/overview`, { token: ada.token });
      expect(overview.body).toMatchObject({ usoTotal: load.replies.length });
    },
    PATIENCE_MS,
  );
});
