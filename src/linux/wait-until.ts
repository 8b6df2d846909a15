import { setTimeout as delay } from "node:timers/promises";

const firstMilliseconds = 10;
const longestMilliseconds = 200;

/**
 * Asks until the answer is not null, for what the kernel tells nobody by itself: that a process has ended, that a port
 * listens. The pauses grow from 10 to 200 ms. null when the signal aborted first, also while the question was put.
 */
export async function waitUntil<T>(ask: () => Promise<T | null>, signal: AbortSignal): Promise<T | null> {
  for (let pause = firstMilliseconds; !signal.aborted; pause = Math.min(pause * 1.5, longestMilliseconds)) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
      await delay(pause, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  return null;
}
