/**
 * A queue for work that would weigh too much all at once: one piece at a time.
 * @param seconds what has not begun by then is answered null without being done
 */
export function oneAtATime(seconds: number): <T>(work: () => Promise<T>) => Promise<T | null> {
  let last: Promise<unknown> = Promise.resolve()
  return async (work) => {
    const until = performance.now() + seconds * 1000
    const turn = last.then(() => (performance.now() < until ? work() : null))
    last = turn.catch(() => undefined)
    return await turn
  }
}
