/** Calls once when nothing has moved for a while. */
export interface StallWatch {
  /** A byte moved, or waiting begins: counts from here. */
  moved(): void;
  /** Nothing is expected to move until `moved` is called: we are waiting for ourselves. */
  rest(): void;
  stop(): void;
}

/** @param stallMs milliseconds without a byte; counting begins with the first `moved`. */
export function watchStall(stallMs: number, stalled: () => void): StallWatch {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const rest = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    moved() {
      if (over) return;
      if (timer) timer.refresh();
      else timer = setTimeout(stalled, stallMs);
    },
    rest,
    stop() {
      over = true;
      rest();
    },
  };
}
