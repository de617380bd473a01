import type { ChatTurn } from '../llm.port.js';
import { errorWithinAnswer } from './error-within-answer.js';
import type { SdkModel } from './sdk-models.js';

type SdkCall = Parameters<SdkModel['doGenerate']>[0];
type SdkResult = Awaited<ReturnType<SdkModel['doGenerate']>>;

/** What a model said, and what its server reported with it. */
export interface SdkText {
  readonly text: string;
  readonly finishReason: SdkResult['finishReason']['unified'];
  /** As the server names the model that answered. */
  readonly modelId: string | undefined;
  readonly usage: SdkResult['usage'] | undefined;
}

export function sdkPrompt(turns: readonly ChatTurn[]): SdkCall['prompt'] {
  return turns.map(({ role, content }) =>
    role === 'system' ? { role, content } : { role, content: [{ type: 'text', text: content }] },
  );
}

/** The whole answer at once. */
export async function generatedText(model: SdkModel, call: SdkCall): Promise<SdkText> {
  const { content, finishReason, response, usage } = await generated(model, call);
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { text, finishReason: finishReason.unified, modelId: response?.modelId, usage };
}

async function generated(model: SdkModel, call: SdkCall): Promise<SdkResult> {
  try {
    return await model.doGenerate(call);
  } catch (error) {
    throw errorWithinAnswer(error) ?? error;
  }
}

/**
 * The same by a stream: pieces are handed on as they come, each before the next is read. Throws what the provider's stream
 * ends with: an error before anything else is a refusal, a later one has cut an answer off.
 */
export async function streamedText(
  model: SdkModel,
  call: SdkCall,
  onDelta: (text: string) => Promise<void>,
): Promise<SdkText> {
  const { stream } = await model.doStream(call);
  let text = '';
  let modelId: string | undefined;
  let hasBegun = false;
  for await (const part of stream) {
    if (part.type === 'error') throw (hasBegun ? undefined : errorWithinAnswer(part.error)) ?? part.error;
    hasBegun ||= part.type === 'reasoning-delta' || part.type === 'text-delta';
    if (part.type === 'response-metadata') modelId = part.modelId ?? modelId;
    if (part.type === 'finish') return { text, finishReason: part.finishReason.unified, modelId, usage: part.usage };
    if (part.type !== 'text-delta' || part.delta === '') continue;
    text += part.delta;
    await onDelta(part.delta);
  }
  return { text, finishReason: 'other', modelId, usage: undefined };
}
