import { askSecret } from './ask.ts'
import type { CommandIo } from './command.ts'
import { ProgressBar } from './progress.ts'

/** A script's log shows that something goes on, and is not flooded. */
const LINE_EVERY_MS = 10_000

/** How an app's command talks to a terminal, or to whatever reads its output. */
export function commandIo(): CommandIo & { stop(): void } {
  const bar = new ProgressBar()
  const lines = new ProgressLines()
  return {
    print: (line) => {
      bar.stop()
      console.log(line)
    },
    progress: (step, done, total) => {
      if (process.stderr.isTTY) bar.report(step, done, total)
      else lines.report(step, done, total)
    },
    askSecret: (question, option) => {
      bar.stop()
      return askSecret(question, option)
    },
    stop: () => {
      bar.stop()
    },
  }
}

/** A line on stdout when a step is done, and every some seconds before. */
class ProgressLines {
  #step = ''
  #toldAt = 0

  report(step: string, done: number, total: number): void {
    const now = Date.now()
    if (this.#step !== step) {
      this.#step = step
      this.#toldAt = now
    }
    if (done < total && now - this.#toldAt < LINE_EVERY_MS) return
    this.#toldAt = now
    console.log(`${step}: ${String(done)} of ${String(total)}`)
  }
}
