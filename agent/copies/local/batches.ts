/** Disk operations under way at once: enough to hide a NAS's latency, few enough for any disk. */
export const AT_ONCE = 16;

/** `work` on every item, AT_ONCE at a time, results in order. Rejects with the first failure. */
export async function inBatches<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const batch = items.slice(start, start + AT_ONCE).map(work);
    // Settled, not raced: when this rejects nothing of the batch is still running.
    for (const done of await Promise.allSettled(batch)) {
      if (done.status === "rejected") throw done.reason;
      results.push(done.value);
    }
  }
  return results;
}
