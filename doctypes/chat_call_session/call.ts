/** Instants are milliseconds since 1970, by the server's clock: no client's clock counts. */
export type Instant = number

export type RunningStatus = 'Initiated' | 'Ringing' | 'Connected'
export type FinalStatus = 'Ended' | 'Failed' | 'Rejected' | 'Missed'
export type CallType = 'Audio' | 'Video'
export type PlaceStatus = 'Invited' | 'Ringing' | 'Joined' | 'Left' | 'Rejected'

/** What a device tells the others of itself. */
export interface DeviceState {
  audio?: boolean
  video?: boolean
  screen?: boolean
  hand?: boolean
  media?: 'connecting' | 'connected' | 'failed'
  quality?: string
}

/** A user's place in a call: one, whatever the number of their devices. */
export interface Place {
  readonly user: string
  readonly status: PlaceStatus
  /** Until when it rings; null once it rings no longer. */
  readonly ringsUntil: Instant | null
  /** The device that holds the place while the user is in the call. */
  readonly device: string | null
  /** Since when the user is in it, this time. */
  readonly since: Instant | null
  readonly firstJoined: Instant | null
  readonly lastLeft: Instant | null
  /** Milliseconds in the call before this time. */
  readonly spent: number
  /** Without a further sign of the device's life the user has left by then. */
  readonly aliveUntil: Instant | null
  /** Its socket has closed, and not come back yet. */
  readonly gone: boolean
  /** Since when its media fail. */
  readonly failedSince: Instant | null
  readonly state: DeviceState
}

/** A call, as the machine knows it; stored as it is while the call runs. */
export interface Call {
  readonly status: RunningStatus | FinalStatus
  readonly type: CallType
  readonly initiator: string
  readonly startedAt: Instant
  /** When two were in it for the first time. */
  readonly connectedAt: Instant | null
  readonly endedAt: Instant | null
  /** The newest instant that it knows of: time never goes back, whatever process asks. */
  readonly now: Instant
  readonly places: readonly Place[]
}

/** How long the media of everybody may fail. */
export const FAILED_AFTER_MS = 30_000

const FINAL: readonly string[] = ['Ended', 'Failed', 'Rejected', 'Missed'] satisfies FinalStatus[]

export const isOver = ({ status }: Call): boolean => FINAL.includes(status)

export const placeOf = (call: Call, user: string): Place | undefined =>
  call.places.find((place) => place.user === user)

/** Those who are in it. */
export const joined = (call: Call): Place[] => call.places.filter(({ status }) => status === 'Joined')

/** Those who may still answer. */
export const ringing = (call: Call): Place[] =>
  call.places.filter(
    ({ status, ringsUntil }) => (status === 'Invited' || status === 'Ringing') && ringsUntil !== null,
  )

/** Milliseconds that two or more talked; 0 where they never did. */
export function lasted({ connectedAt, endedAt }: Call): number {
  return connectedAt === null || endedAt === null ? 0 : endedAt - connectedAt
}

/** Milliseconds that a user was in it, up to its newest instant. */
export function spent({ spent: before, since }: Place, call: Call): number {
  return since === null ? before : before + call.now - since
}

/** A call that someone starts and is in from then on; the others are invited. */
export function begin(start: {
  initiator: string
  device: string
  type: CallType
  invited: readonly string[]
  at: Instant
  ringsUntil: Instant
  aliveUntil: Instant
}): Call {
  const { initiator, device, type, invited, at, ringsUntil, aliveUntil } = start
  return {
    status: 'Initiated',
    type,
    initiator,
    startedAt: at,
    connectedAt: null,
    endedAt: null,
    now: at,
    places: [
      { ...enter(newPlace(initiator), device, at), aliveUntil },
      ...invited.map((user) => ({ ...newPlace(user), ringsUntil })),
    ],
  }
}

export function newPlace(user: string): Place {
  return {
    user,
    status: 'Invited',
    ringsUntil: null,
    device: null,
    since: null,
    firstJoined: null,
    lastLeft: null,
    spent: 0,
    aliveUntil: null,
    gone: false,
    failedSince: null,
    state: {},
  }
}

/** The place with its user in the call, on this device. */
export function enter(place: Place, device: string, at: Instant): Place {
  return {
    ...place,
    status: 'Joined',
    ringsUntil: null,
    device,
    since: place.since ?? at,
    firstJoined: place.firstJoined ?? at,
    gone: false,
    failedSince: null,
    state: {},
  }
}

/** The place after its user has left the call, or will not come. */
export function vacate(place: Place, status: 'Left' | 'Rejected', at: Instant): Place {
  const stay = place.since === null ? 0 : at - place.since
  return {
    ...place,
    status,
    ringsUntil: null,
    device: null,
    since: null,
    lastLeft: place.since === null ? place.lastLeft : at,
    spent: place.spent + stay,
    aliveUntil: null,
    gone: false,
    failedSince: null,
    state: {},
  }
}
