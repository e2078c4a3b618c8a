/**
 * Runs one piece of work at a time. Asked for while it runs, it runs once more: what `request` resolves with began
 * after it was asked for.
 */
export class Refresher {
  #work: () => Promise<void>
  #running: Promise<void> | null = null
  #again = false

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  get running(): boolean {
    return this.#running !== null
  }

  request(): Promise<void> {
    this.#again = true
    return (this.#running ??= this.#run())
  }

  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false
        await this.#work()
      }
    } finally {
      this.#running = null
    }
  }
}
