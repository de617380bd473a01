import { randomInt } from 'node:crypto';
import type { RequestContext } from '#shared/context/request-context.js';
import { createRecordLoader } from '#shared/history/graph/record.loader.js';
import type { HistoryContext } from '#shared/history/graph/record.resolver.js';
import { ImageService, type ImageServiceParts } from './image.service.js';

export interface ImageContext extends HistoryContext {
  readonly images: ImageService;
}

const SEEDS = 2 ** 31;

/** Returns what makes each request's context. */
export function createImageContext(parts: Omit<ImageServiceParts, 'randomSeed'>) {
  const images = new ImageService({ ...parts, randomSeed: () => randomInt(SEEDS) });
  return (request: RequestContext): ImageContext => ({
    ...request,
    history: parts.history,
    records: createRecordLoader(parts.history),
    images,
  });
}
