import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import ipaddr from 'ipaddr.js';
import { AppError } from '#shared/errors/app-error.js';
import type { Budget, Charge, RateLimiter, Verdict } from '#shared/rate-limit/rate-limiter.port.js';
import type { EdgeContext } from './edge-context.js';
import { rootFieldCounts } from './root-fields.js';
import { assertWithinLimits } from './variable-limits.js';

export interface BudgetSettings {
  /** Requests a minute, per user and root field; per address and root field for who is not signed in. */
  readonly perMinute: number;
  /** Requests a minute to each of the operations that take a password or a refresh token, per address. */
  readonly signInPerMinute: number;
}

/** A valid operation, and the values of its variables as they came. */
export interface ParsedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

const WINDOW_MS = 60_000;
/** Root fields that take a password or a refresh token. Guessing is per address, whoever is signed in there. */
export const SIGN_IN_FIELDS: ReadonlySet<string> = new Set(['register', 'login', 'refreshSession']);
/** Root fields that spend the budget of another one: sending a message, with the answer streamed. */
const SHARED_BUDGETS: Readonly<Record<string, string>> = { chat: 'sendChatMessage' };
/** An IPv6 customer has at least this much of the address space to itself (RFC 6177). */
const IPV6_PREFIX_GROUPS = 4;

/**
 * One budget per caller and root field, the same by GraphQL, REST and WebSocket, since all of them come by here with an
 * operation. All root fields of an operation are paid for together or not at all.
 */
export class OperationBudget {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly settings: BudgetSettings,
  ) {}

  /**
   * Throws RATE_LIMITED when the operation is more than its caller has left. Tells the caller by headers either way.
   * Throws BAD_REQUEST for variables that are larger than any input.
   */
  async charge(operation: ParsedOperation, context: EdgeContext): Promise<void> {
    assertWithinLimits(operation.variables);
    const verdict = await this.limiter.consume(this.#charges(operation, context));
    tellBudgets(verdict, context);
    if (!verdict.accepted) {
      throw new AppError('RATE_LIMITED', `Too many requests; try again in ${waitOf(verdict)} s.`);
    }
  }

  #charges({ document, operation, variables }: ParsedOperation, { viewer, clientIp }: EdgeContext): Charge[] {
    const address = `ip:${networkOf(clientIp)}`;
    const caller = viewer ? `user:${viewer.id}` : address;
    const counts = new Map<string, Charge>();
    for (const [field, cost] of rootFieldCounts(document, operation, variables)) {
      const signsIn = SIGN_IN_FIELDS.has(field);
      const key = `${signsIn ? address : caller}:${budgetNameOf(field)}`;
      const limit = signsIn ? this.settings.signInPerMinute : this.settings.perMinute;
      counts.set(key, { key, limit, windowMs: WINDOW_MS, cost: cost + (counts.get(key)?.cost ?? 0) });
    }
    return [...counts.values()];
  }
}

function budgetNameOf(field: string): string {
  return field.startsWith('__') ? 'introspection' : (SHARED_BUDGETS[field] ?? field);
}

/** Header fields of draft-ietf-httpapi-ratelimit-headers-10, one item per budget, and `Retry-After` (RFC 9110 §10.2.3). */
function tellBudgets(verdict: Verdict, { setReplyHeader }: EdgeContext): void {
  const named = verdict.budgets.map((budget) => [`"${budget.key.split(':').at(-1)}"`, budget] as const);
  const list = (parameters: (budget: Budget) => string): string =>
    named.map(([name, budget]) => `${name};${parameters(budget)}`).join(', ');
  setReplyHeader(
    'ratelimit-policy',
    list(({ limit, windowMs }) => `q=${limit};w=${seconds(windowMs)}`),
  );
  setReplyHeader(
    'ratelimit',
    list(({ remaining, resetMs }) => `r=${remaining};t=${seconds(Math.min(resetMs, WINDOW_MS))}`),
  );
  if (!verdict.accepted) setReplyHeader('retry-after', String(waitOf(verdict)));
}

/** Clocks that count fractions of a millisecond make of a whole window a little more than one. */
function waitOf({ retryAfterMs }: Extract<Verdict, { accepted: false }>): number {
  return seconds(Math.min(retryAfterMs, WINDOW_MS));
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const network = parsed.parts.slice(0, IPV6_PREFIX_GROUPS).map((group) => group.toString(16));
  return `${network.join('.')}/64`;
}
