import { SingleBar } from 'cli-progress'

/** A bar on stderr while something long goes on; where nobody watches, nothing. */
export class ProgressBar {
  #bar: SingleBar | undefined
  #step = ''

  /** Starts or moves the bar of a step; a new step gets a line of its own. */
  readonly report = (step: string, done: number, total: number): void => {
    if (!process.stderr.isTTY) return
    if (this.#step !== step) {
      this.stop()
      this.#step = step
      this.#bar = new SingleBar({
        format: `${step} {bar} {percentage}%`,
        stream: process.stderr,
        hideCursor: true,
        linewrap: null,
      })
      this.#bar.start(total, done)
      process.once('SIGINT', this.#interrupted)
    } else {
      this.#bar?.setTotal(total)
      this.#bar?.update(done)
    }
  }

  /** Ctrl+C ends the command as ever, but the terminal gets its cursor back. */
  readonly #interrupted = (): void => {
    this.stop()
    process.kill(process.pid, 'SIGINT')
  }

  stop(): void {
    process.removeListener('SIGINT', this.#interrupted)
    this.#bar?.stop()
    this.#bar = undefined
    this.#step = ''
  }
}

/** Runs work that reports how far it is. */
export async function withProgress<T>(work: (report: ProgressBar['report']) => Promise<T>): Promise<T> {
  const bar = new ProgressBar()
  try {
    return await work(bar.report)
  } finally {
    bar.stop()
  }
}
