const SLICES = 10;

/**
 * Settles as `answer` does; throws an Error with the code ETIMEDOUT when it has not after `ms`. An answer that has arrived while
 * this process was busy is read before it counts as late: however long a pause of the event loop was, it counts as a tenth of
 * `ms` at most.
 */
export async function answeredWithin<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let left = SLICES;
    const wait = (): void => {
      if (left === 0) return reject(Object.assign(new Error('There is no answer.'), { code: 'ETIMEDOUT' }));
      left -= 1;
      timer = setTimeout(wait, ms / SLICES);
    };
    wait();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
