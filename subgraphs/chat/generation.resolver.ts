import { Arg, Ctx, ID, Int, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import { requireUser } from '#shared/context/viewer.js';
import { badInput } from '#shared/errors/app-error.js';
import { recordedCallOf } from '#shared/history/graph/recorded-call.js';
import { recordFields } from '#shared/history/graph/record.type.js';
import { assertValidInput } from '#shared/server/valid-input.js';
import { ChatMessageInput, SendChatMessageInput } from './chat.input.js';
import type { ChatContext } from './context.js';
import type { GenerationEvent } from './generation.service.js';
import { ChatStreamEvent } from './generation.type.js';

interface Subscribed<Args> {
  readonly args: Args;
  readonly context: ChatContext;
}

@Resolver()
export class GenerationResolver {
  @Subscription(() => ChatStreamEvent, {
    description: 'Sends a message and streams the answer; what is left of it goes on for a while when the line breaks.',
    subscribe: ({ args, context }: Subscribed<{ input: SendChatMessageInput }>) => started(args.input, context),
  })
  chat(
    @Root() event: GenerationEvent,
    // Checked when the stream began; else it would be checked again for each event.
    @Arg('input', () => SendChatMessageInput, { validate: false }) _input: SendChatMessageInput,
  ): ChatStreamEvent {
    return eventOf(event);
  }

  @Subscription(() => ChatStreamEvent, {
    description: 'Joins an answer that is being made, or was made lately, after the last piece that you saw.',
    subscribe: ({ args, context }: Subscribed<{ id: string; after: number }>) => joined(args, context),
  })
  chatMessage(
    @Root() event: GenerationEvent,
    @Arg('id', () => ID) _id: string,
    @Arg('after', () => Int, { defaultValue: 0, description: 'The last `seq` that you saw.' }) _after: number,
  ): ChatStreamEvent {
    return eventOf(event);
  }

  @Mutation(() => Boolean, {
    description: 'Ends an answer where it is; what there is of it is kept. False when it has ended already.',
  })
  async stopChatMessage(@Arg('id', () => ID) id: string, @Ctx() context: ChatContext): Promise<boolean> {
    return context.generations.stop(id, requireUser(context).id);
  }
}

async function started(raw: SendChatMessageInput, context: ChatContext): Promise<AsyncIterable<GenerationEvent>> {
  const input = Object.assign(new SendChatMessageInput(), raw);
  input.messages = raw.messages.map((message) => Object.assign(new ChatMessageInput(), message));
  await assertValidInput(input);
  const call = recordedCallOf(raw, context);
  const id = await context.generations.start(input, call);
  return announced(id, context.generations.read({ id, after: 0 }, call.userId, context.signal));
}

/** Tells the turn's id at once, so that the answer can be joined again, or stopped, before its first piece has come. */
async function* announced(id: string, events: AsyncGenerator<GenerationEvent, void>): AsyncGenerator<GenerationEvent> {
  // It is being read from now on, not only when somebody has taken the announcement.
  const first = events.next();
  first.catch(() => undefined);
  yield { id, seq: 0, delta: '', record: null };
  const { done, value } = await first;
  if (done) return;
  yield value;
  yield* events;
}

async function joined(
  order: { id: string; after: number },
  context: ChatContext,
): Promise<AsyncIterable<GenerationEvent>> {
  if (order.after < 0) throw badInput('after', 'min', 'after must not be less than 0.');
  return context.generations.read(order, requireUser(context).id, context.signal);
}

function eventOf({ id, seq, delta, record }: GenerationEvent): ChatStreamEvent {
  return { id, seq, delta, message: record && recordFields(record) };
}
