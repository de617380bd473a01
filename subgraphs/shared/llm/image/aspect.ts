import type { ImageRequest } from '../llm.port.js';

export type Pixels = Pick<ImageRequest, 'width' | 'height'>;

/** Of what a provider can make, that whose shape is nearest to the one asked for, so that least is cut off. The first wins a draw. */
export function nearestShape<Shape extends Pixels>(asked: Pixels, offered: readonly [Shape, ...Shape[]]): Shape {
  const distance = (shape: Pixels): number =>
    Math.abs(Math.log(shape.width / shape.height) - Math.log(asked.width / asked.height));
  return offered.reduce((best, shape) => (distance(shape) < distance(best) - 1e-9 ? shape : best));
}
