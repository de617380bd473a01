import { streamText } from 'ai';

type StreamCall = Parameters<typeof streamText>[0];

/**
 * The AI SDK's `generateText` by a stream: pieces are handed on as they come, each before the next is read. Throws what the
 * provider's stream ends with.
 */
export async function streamedText(call: StreamCall, onDelta: (text: string) => Promise<void>) {
  // Errors come in the stream; the library would print them to the console as well.
  const result = streamText({ ...call, onError: () => undefined });
  let text = '';
  try {
    for await (const part of result.stream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'abort') throw call.abortSignal?.reason;
      if (part.type !== 'text-delta' || part.text === '') continue;
      text += part.text;
      await onDelta(part.text);
    }
    const [finishReason, response, usage] = await Promise.all([result.finishReason, result.response, result.usage]);
    return { text, finishReason, response, usage };
  } finally {
    // They reject on their own where the stream failed before.
    for (const unread of [result.finishReason, result.response, result.usage]) {
      Promise.resolve(unread).catch(() => undefined);
    }
  }
}
