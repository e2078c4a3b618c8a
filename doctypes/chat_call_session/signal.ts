import { ValidationError } from '@f-chat/desk'

export const SIGNAL_TYPES = ['offer', 'answer', 'ice-candidate'] as const
export type SignalType = (typeof SIGNAL_TYPES)[number]

/** Bytes of JSON: the longest descriptions of browsers have about 20,000. */
const LONGEST = 64 * 1024

type Data = Record<string, unknown>

/** Whether something can be a signal of this kind. @throws ValidationError that says why not */
export function checkSignal(type: SignalType, data: Data): void {
  if (Buffer.byteLength(JSON.stringify(data)) > LONGEST) {
    throw new ValidationError(`signal_data is too large: at most ${String(LONGEST)} bytes.`)
  }
  const wrong = type === 'ice-candidate' ? wrongCandidate(data) : wrongDescription(type, data)
  if (wrong) throw new ValidationError(`signal_data ${wrong}.`)
}

function wrongDescription(type: 'offer' | 'answer', { sdp, type: own }: Data): string | undefined {
  if (typeof sdp !== 'string' || sdp.trim() === '') return 'must have an sdp'
  const fits = own === undefined || own === type || (type === 'answer' && own === 'pranswer')
  return fits ? undefined : `must be of the type ${type}`
}

/** As `RTCIceCandidateInit`, or with one as its `candidate`; an empty candidate says that there are no more. */
function wrongCandidate(data: Data): string | undefined {
  const { candidate } = data
  if (candidate === null) return undefined
  const init = isData(candidate) ? candidate : data
  if (typeof init.candidate !== 'string') return 'must have a candidate'
  const texts = [init.sdpMid, init.usernameFragment].every(
    (value) => value === undefined || value === null || typeof value === 'string',
  )
  const line = init.sdpMLineIndex ?? null
  const isIndex = line === null || (typeof line === 'number' && Number.isInteger(line) && line >= 0)
  return texts && isIndex ? undefined : 'is not an ICE candidate'
}

const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const MOST_PAST = 32

/**
 * The attempts of one sender to connect to another, each with an id of its own: once a signal of a newer one has come,
 * those of an older one are replays.
 */
export class Attempts {
  #current: string | undefined
  readonly #past = new Set<string>()

  /** @returns false for a signal of an attempt that is past */
  take(connection: string): boolean {
    if (connection === this.#current) return true
    if (this.#past.has(connection)) return false
    if (this.#current !== undefined) this.#past.add(this.#current)
    this.#current = connection
    if (this.#past.size > MOST_PAST) {
      for (const oldest of this.#past) {
        this.#past.delete(oldest)
        break
      }
    }
    return true
  }
}
