/** Counts who holds how many of something that each may hold only so many of, and all together only so many. */
export class Seats {
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(
    private readonly each: number,
    private readonly all = Infinity,
  ) {}

  /** Takes one and returns how to give it back, which counts once; null when there is none left. */
  take(holder: string): (() => void) | null {
    const taken = this.#taken.get(holder) ?? 0;
    if (taken >= this.each || this.#total >= this.all) return null;
    this.#change(holder, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#change(holder, -1);
      isHeld = false;
    };
  }

  #change(holder: string, by: 1 | -1): void {
    this.#total += by;
    const taken = (this.#taken.get(holder) ?? 0) + by;
    if (taken > 0) this.#taken.set(holder, taken);
    else this.#taken.delete(holder);
  }
}
