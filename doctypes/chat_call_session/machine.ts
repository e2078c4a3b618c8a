import {
  enter,
  isOver,
  joined,
  lasted,
  newPlace,
  placeOf,
  vacate,
  type Call,
  type CallType,
  type DeviceState,
  type FinalStatus,
  type Instant,
  type Place,
} from './call.ts'
import { endOf, nextDeadline } from './ends.ts'

/** What happens to a call. */
export type CallEvent = { at: Instant } & (
  | { type: 'tick' }
  /** A device shows that it rings. */
  | { type: 'ack'; user: string; device: string }
  /** `takeover` moves the user's place here from another device that lives. */
  | { type: 'join'; user: string; device: string; takeover: boolean; aliveUntil: Instant }
  | { type: 'reject'; user: string }
  /** `device` where only that one's place is meant. */
  | { type: 'leave'; user: string; device?: string }
  | { type: 'invite'; user: string; users: readonly string[]; ringsUntil: Instant }
  | { type: 'upgrade'; to: CallType }
  | { type: 'device_state'; user: string; device: string; state: DeviceState }
  /** The last socket of a device that is in the call has closed. */
  | { type: 'device_gone'; user: string; device: string; aliveUntil: Instant }
  | { type: 'device_back'; user: string; device: string; aliveUntil: Instant }
  | { type: 'member_removed'; user: string }
  | { type: 'user_disabled'; user: string }
  | { type: 'room_archived' }
)

/** What the outside world is to hear of it. */
export type CallEffect =
  | { do: 'ring'; users: readonly string[] }
  | { do: 'tell_ringing'; user: string; device: string }
  | { do: 'tell_joined'; user: string; device: string }
  | { do: 'tell_left'; user: string }
  | { do: 'tell_rejected'; user: string }
  | { do: 'tell_invited'; user: string; users: readonly string[] }
  | { do: 'tell_upgraded'; to: CallType }
  | { do: 'tell_state'; user: string; device: string; state: DeviceState }
  | { do: 'tell_ended'; status: FinalStatus }

type Step = readonly [Call, readonly CallEffect[]]

/**
 * State × event → state and effects. An event with no meaning in this state changes nothing and answers the same
 * object. What happened by itself until the event comes first, each at its own instant: so it is the same whether a
 * sweep came in between or not, and in whatever process.
 */
export function step(call: Call, event: CallEvent): Step {
  const [now, happened] = advance(call, event.at)
  if (isOver(now) || event.type === 'tick') return [now, happened]
  const at = Math.max(event.at, now.now)
  const [next, effects] = apply(now, { ...event, at })
  if (next === now) return [now, happened]
  const [settled, end] = settle({ ...next, now: at }, at)
  return [settled, [...happened, ...effects, ...end]]
}

/** Everything that happens by itself until then. */
function advance(call: Call, until: Instant): Step {
  const effects: CallEffect[] = []
  let current = call
  for (let due = nextDeadline(current); due && due.at <= until; due = nextDeadline(current)) {
    const at = Math.max(due.at, current.now)
    const here = { ...current, now: at }
    if (due.what === 'media_failed') {
      const [ended, told] = finish(here, 'Failed', at)
      return [ended, [...effects, ...told]]
    }
    const { user } = due
    const [left, told] =
      due.what === 'ring_timeout'
        ? [replace(here, user, (place) => ({ ...place, ringsUntil: null })), []]
        : leave(here, user, at)
    const [settled, end] = settle(left, at)
    effects.push(...told, ...end)
    current = settled
  }
  return [current, effects]
}

function settle(call: Call, at: Instant): Step {
  const connected: Call =
    call.connectedAt === null && joined(call).length >= 2
      ? { ...call, status: 'Connected', connectedAt: at }
      : call
  const end = endOf(connected)
  return end ? finish(connected, end, at) : [connected, []]
}

function finish(call: Call, status: FinalStatus, at: Instant): Step {
  const places = call.places.map((place) =>
    place.status === 'Joined' ? vacate(place, 'Left', at) : { ...place, ringsUntil: null },
  )
  return [{ ...call, status, endedAt: at, places }, [{ do: 'tell_ended', status }]]
}

type Applied<E extends CallEvent['type']> = Extract<CallEvent, { type: E }>

function apply(call: Call, event: CallEvent): Step {
  switch (event.type) {
    case 'tick':
      return [call, []]
    case 'ack':
      return acknowledge(call, event)
    case 'join':
      return join(call, event)
    case 'reject':
      return reject(call, event)
    case 'leave':
      return leave(call, event.user, event.at, event.device)
    case 'invite':
      return invite(call, event)
    case 'upgrade':
      return call.type === event.to
        ? [call, []]
        : [{ ...call, type: event.to }, [{ do: 'tell_upgraded', to: event.to }]]
    case 'device_state':
      return report(call, event)
    case 'device_gone':
    case 'device_back':
      return notice(call, event)
    case 'member_removed':
    case 'user_disabled':
      return remove(call, event.user, event.at)
    case 'room_archived': {
      const [ended, effects] = finish(call, call.connectedAt === null ? 'Missed' : 'Ended', event.at)
      return [{ ...ended, now: event.at }, effects]
    }
  }
}

function replace(call: Call, user: string, change: (place: Place) => Place): Call {
  return { ...call, places: call.places.map((place) => (place.user === user ? change(place) : place)) }
}

function acknowledge(call: Call, { user, device }: Applied<'ack'>): Step {
  const place = placeOf(call, user)
  if (place?.status !== 'Invited' || place.ringsUntil === null) return [call, []]
  const ringing = replace(call, user, (invited) => ({ ...invited, status: 'Ringing' }))
  const status = call.status === 'Initiated' ? 'Ringing' : call.status
  return [{ ...ringing, status }, [{ do: 'tell_ringing', user, device }]]
}

function join(call: Call, { user, device, takeover, aliveUntil, at }: Applied<'join'>): Step {
  const place = placeOf(call, user)
  if (place?.status === 'Joined') {
    if (place.device === device) {
      return [replace(call, user, (mine) => ({ ...mine, gone: false, aliveUntil })), []]
    }
    if (!takeover && !place.gone) return [call, []]
  }
  const known = place ? call : { ...call, places: [...call.places, newPlace(user)] }
  const entered = replace(known, user, (mine) => ({ ...enter(mine, device, at), aliveUntil }))
  return [entered, [{ do: 'tell_joined', user, device }]]
}

function reject(call: Call, { user, at }: Applied<'reject'>): Step {
  const place = placeOf(call, user)
  if (place?.status !== 'Invited' && place?.status !== 'Ringing') return [call, []]
  return [replace(call, user, (mine) => vacate(mine, 'Rejected', at)), [{ do: 'tell_rejected', user }]]
}

/** Who is only invited and leaves has rejected. */
function leave(call: Call, user: string, at: Instant, device?: string): Step {
  const place = placeOf(call, user)
  if (place?.status !== 'Joined') return reject(call, { type: 'reject', user, at })
  if (device !== undefined && device !== place.device) return [call, []]
  return [replace(call, user, (mine) => vacate(mine, 'Left', at)), [{ do: 'tell_left', user }]]
}

/** Takes a user out who may not be in it any more, invited or joined. */
function remove(call: Call, user: string, at: Instant): Step {
  const place = placeOf(call, user)
  if (!place || place.status === 'Left' || place.status === 'Rejected') return [call, []]
  return [replace(call, user, (mine) => vacate(mine, 'Left', at)), [{ do: 'tell_left', user }]]
}

/** Rings for those who are not in the call and not rung already. */
function invite(call: Call, { user, users, ringsUntil }: Applied<'invite'>): Step {
  const asked = users.filter((one) => {
    const place = placeOf(call, one)
    return place?.status !== 'Joined' && (place?.ringsUntil ?? null) === null
  })
  if (asked.length === 0) return [call, []]
  const places = call.places.map((place) =>
    asked.includes(place.user) ? { ...place, status: 'Invited' as const, ringsUntil } : place,
  )
  const added = asked.filter((one) => !placeOf(call, one)).map((one) => ({ ...newPlace(one), ringsUntil }))
  return [
    { ...call, places: [...places, ...added] },
    [
      { do: 'ring', users: asked },
      { do: 'tell_invited', user, users: asked },
    ],
  ]
}

function report(call: Call, { user, device, state, at }: Applied<'device_state'>): Step {
  const place = placeOf(call, user)
  if (place?.status !== 'Joined' || place.device !== device) return [call, []]
  const merged = { ...place.state, ...state }
  const failedSince = merged.media === 'failed' ? (place.failedSince ?? at) : null
  return [
    replace(call, user, (mine) => ({ ...mine, state: merged, failedSince })),
    [{ do: 'tell_state', user, device, state: merged }],
  ]
}

function notice(call: Call, event: Applied<'device_gone' | 'device_back'>): Step {
  const place = placeOf(call, event.user)
  if (place?.status !== 'Joined' || place.device !== event.device) return [call, []]
  const gone = event.type === 'device_gone'
  return [replace(call, event.user, (mine) => ({ ...mine, gone, aliveUntil: event.aliveUntil })), []]
}

/** What is known of a device's life: until when it is believed, and whether it is there now. */
export interface Life {
  until: Instant
  isThere: boolean
}

/**
 * The call with longer lives for devices of which more is known than it says. They lived all the while: this comes
 * before anything happens by itself. @param lifeOf undefined for a device of which nothing is known
 */
export function withLives(call: Call, lifeOf: (user: string, device: string) => Life | undefined): Call {
  if (isOver(call)) return call
  const places = call.places.map((place) => {
    if (place.status !== 'Joined' || place.device === null) return place
    const life = lifeOf(place.user, place.device)
    if (!life) return place
    const gone = place.gone && !life.isThere
    const aliveUntil = Math.max(life.until, place.aliveUntil ?? 0)
    return gone === place.gone && aliveUntil === place.aliveUntil ? place : { ...place, gone, aliveUntil }
  })
  return places.some((place, i) => place !== call.places[i]) ? { ...call, places } : call
}

/** Seconds, as people are told them. */
export const seconds = (ms: number): number => Math.floor(ms / 1000)

/** Seconds that two or more talked. */
export const totalDuration = (call: Call): number => seconds(lasted(call))
