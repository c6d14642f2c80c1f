/** Work whose parts become ready in any order and must be applied in the order they were found. */
export class InOrder {
  #queue: { readonly ready: () => boolean; readonly apply: () => void }[] = [];
  #head = 0;

  get length(): number {
    return this.#queue.length - this.#head;
  }

  /** `ready` is asked until it says true; then, and after everything before, `apply` runs once. */
  push(apply: () => void, ready: () => boolean = always): void {
    this.#queue.push({ ready, apply });
  }

  /** Applies what can be applied. */
  drain(): void {
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.ready()) {
      this.#queue[this.#head++]!.apply();
    }
    if (this.#head > COMPACT_AT || this.#head === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}

const COMPACT_AT = 4096;

function always(): boolean {
  return true;
}
