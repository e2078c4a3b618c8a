/**
 * A queue for work that would weigh too much all at once: one piece at a time.
 * @param most pieces that may wait; more are answered null without being done
 */
export function oneAtATime(most: number): <T>(work: () => Promise<T>) => Promise<T | null> {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  return async (work) => {
    if (waiting >= most) return null
    waiting += 1
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      waiting -= 1
    }
  }
}
