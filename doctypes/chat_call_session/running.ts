import type { Site } from '@f-chat/desk'
import { joined, type Call, type Instant } from './call.ts'
import { nextDeadline } from './ends.ts'

interface Hint {
  deadline: Instant
  /** Users in it, with their devices. */
  places: readonly { user: string; device: string }[]
}

/** What this process knows of running calls without asking: hints, for the database is the truth. */
class RunningCalls {
  readonly #calls = new Map<string, Hint>()
  #onChange = (): void => undefined

  /** After a step has committed, or a look into the database. */
  note(name: string, call: Call): void {
    const deadline = nextDeadline(call)
    if (!deadline) this.#calls.delete(name)
    else {
      const places = joined(call).flatMap(({ user, device }) => (device === null ? [] : [{ user, device }]))
      this.#calls.set(name, { deadline: deadline.at, places })
    }
    this.#onChange()
  }

  /** Forgets all calls but these. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#calls.keys()) if (!names.has(name)) this.#calls.delete(name)
  }

  /** Forgets what was due by then. */
  forgetUntil(now: Instant): void {
    for (const [name, { deadline }] of this.#calls) if (deadline <= now) this.#calls.delete(name)
  }

  /** When the first of them has something happening by itself. */
  get earliest(): Instant | null {
    const all = [...this.#calls.values()].map(({ deadline }) => deadline)
    return all.length > 0 ? Math.min(...all) : null
  }

  /** The calls that one of these devices of a user is in. */
  holding(user: string, devices: readonly string[]): { name: string; device: string }[] {
    return [...this.#calls].flatMap(([name, { places }]) =>
      places
        .filter((place) => place.user === user && devices.includes(place.device))
        .map(({ device }) => ({ name, device })),
    )
  }

  onChange(listener: () => void): void {
    this.#onChange = listener
  }
}

const bySite = new WeakMap<Site, RunningCalls>()

export function runningCallsOf(site: Site): RunningCalls {
  let calls = bySite.get(site)
  if (!calls) bySite.set(site, (calls = new RunningCalls()))
  return calls
}
