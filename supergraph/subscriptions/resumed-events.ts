import type { ExecutionResult } from 'graphql';
import { AppError } from '#shared/errors/app-error.js';
import type { EdgeContext } from '../edge/edge-context.js';
import { Patience } from './patience.js';
import type { Position, ResumableOperation } from './resumable-operation.js';
import { ReadTooSlowly, SubgraphLost, type SubgraphStream, type SubgraphSubscription } from './subgraph-stream.js';

export interface ResumeOptions {
  readonly operation: ResumableOperation;
  /** For how long a subgraph is asked again that does not answer. */
  readonly withinMs: number;
}

/**
 * The events of a subscription over as many lines as it takes. One that breaks is followed by another, which brings what comes
 * after the last event from whichever replica answers: none is missing and none comes twice. So is one that brought more than
 * its reader could read in time, once the reader has read what waited. What cannot be taken up again, or not in time, ends
 * with SERVICE_UNAVAILABLE. What must not be repeated and has brought nothing is not sent again.
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
    const isRest = position !== 'start';
    let hasBrought = false;
    try {
      for await (const event of stream.subscribe(request, context)) {
        if (isRest && !hasBrought && event.data == null) throw refused(event, stream);
        hasBrought = true;
        position = operation.positionOf(event);
        patience.renew();
        yield event;
      }
      return;
    } catch (error) {
      if (!(error instanceof SubgraphLost || error instanceof ReadTooSlowly)) throw error;
      if (position === 'end') return;
      if (position === 'unknown' || (position === 'start' && !operation.isRepeatable)) throw error;
      const isBehind = error instanceof ReadTooSlowly && hasBrought;
      if (!isBehind && !(await patience.pause(context.signal))) throw error;
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
