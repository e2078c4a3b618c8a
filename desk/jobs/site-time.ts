import { ValidationError } from '../errors.ts'
import type { Clock } from '../site/clock.ts'

const TEXT = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/

function wallTime(text: string): number | undefined {
  const match = TEXT.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part || 0))
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  const date = new Date(wall)
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return isReal ? wall : undefined
}

/**
 * The instant of a time in the site's zone. Of a time that the clocks show twice it is one of the two; one that they
 * leave out is taken as the hour after.
 * @returns milliseconds since 1970 UTC @throws ValidationError
 */
export function instantOf(clock: Clock, text: string): number {
  const wall = wallTime(text)
  if (wall === undefined) {
    throw new ValidationError(`"${text.slice(0, 40)}" is not a time: write it as YYYY-MM-DD HH:MM:SS.`)
  }
  const offsetAt = (ms: number): number => (wallTime(clock.at(ms)) ?? ms) - ms
  const before = wall - offsetAt(wall - 86_400_000)
  if (before + offsetAt(before) === wall) return before
  const after = wall - offsetAt(wall + 86_400_000)
  return after + offsetAt(after) === wall ? after : before
}
