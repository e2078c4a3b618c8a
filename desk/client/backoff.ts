const FIRST_MS = 500
const LONGEST_MS = 30_000

/**
 * How long to wait before connection attempt `attempt` (0 = the first after a loss), in ms: doubling from
 * 0.5 s to 30 s, of which the upper half is random, so that a restarted server is not met by all at once.
 */
export function backoffDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16))
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}
