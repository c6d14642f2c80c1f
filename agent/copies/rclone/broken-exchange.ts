/** How one request ended without a whole answer. */
export class BrokenExchange extends Error {
  override readonly name = "BrokenExchange";
  readonly how: "stalled" | "cut" | "too-long";

  constructor(how: "stalled" | "cut" | "too-long", cause?: unknown) {
    super(how, { cause });
    this.how = how;
  }
}
