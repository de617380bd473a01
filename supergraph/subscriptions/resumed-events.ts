import type { ExecutionResult } from 'graphql';
import { AppError } from '#shared/errors/app-error.js';
import type { EdgeContext } from '../edge/edge-context.js';
import { Patience } from './patience.js';
import type { Position, ResumableOperation } from './resumable-operation.js';
import { SubgraphLost, type SubgraphStream, type SubgraphSubscription } from './subgraph-stream.js';

export interface ResumeOptions {
  readonly operation: ResumableOperation;
  /** For how long a subgraph is asked again that does not answer. */
  readonly withinMs: number;
}

/**
 * The events of a subscription over as many lines as it takes. One that breaks is followed by another, which brings what comes
 * after the last event from whichever replica answers: none is missing and none comes twice. What cannot be taken up again, or
 * not in time, ends with SERVICE_UNAVAILABLE. What must not be repeated and has brought nothing is not sent again.
 */
export async function* resumedEvents(
  stream: SubgraphStream,
  subscription: SubgraphSubscription,
  { context, operation, withinMs }: ResumeOptions & { readonly context: EdgeContext },
): AsyncGenerator<ExecutionResult, void> {
  const patience = new Patience(withinMs);
  let position: Position | 'start' = 'start';
  let request: SubgraphSubscription = { ...subscription, query: operation.query };
  for (;;) {
    patience.attempt();
    let isRest = position !== 'start';
    try {
      for await (const event of stream.subscribe(request, context)) {
        if (isRest && event.data == null) throw refused(event, stream);
        isRest = false;
        position = operation.positionOf(event);
        patience.renew();
        yield event;
      }
      return;
    } catch (error) {
      if (!(error instanceof SubgraphLost)) throw error;
      if (position === 'end') return;
      const isOver = position === 'unknown' || (position === 'start' && !operation.isRepeatable);
      if (isOver || !(await patience.pause(context.signal))) throw error;
    }
    if (typeof position === 'object') {
      request = { ...subscription, ...operation.restFrom(position.from, subscription.variables) };
    }
  }
}

/** The reader has not asked for the rest, so it is not the reader's fault that there is none. */
function refused({ errors }: ExecutionResult, stream: SubgraphStream): AppError {
  const mayBeAnswered = errors?.[0]?.extensions?.['code'] === 'SERVICE_UNAVAILABLE';
  const lost = new SubgraphLost(stream.name, errors);
  return mayBeAnswered ? lost : new AppError(lost.code, lost.message, { cause: errors });
}
