/** What others see of a user. */
export const STATUSES = ['online', 'away', 'busy', 'offline'] as const
export type Status = (typeof STATUSES)[number]

/** Milliseconds between what happens to a user and what follows from it. */
export interface PresenceRules {
  /** From the end of a device's last socket until the device is gone: a page that is loaded again is not. */
  grace: number
  /** From the last sign of somebody at the device until nobody is there. */
  idle: number
  /** From the last sign until a caller that has no socket is gone. */
  stale: number
  /** Between two changes of the status that others are told of. */
  pause: number
}

/** A page of the user's. */
export interface Device {
  /** Ids of its open sockets; none where it calls over HTTP alone. */
  sockets: readonly string[]
  /** When somebody last gave a sign of life there. */
  beatAt: number
  /** When its last socket ended; null while it has one, and where it never had any. */
  goneAt: number | null
}

/** What is known of one user: plain data, so that it can be kept anywhere. Times are in ms since 1970. */
export interface UserPresence {
  devices: Readonly<Record<string, Device>>
  /** Set by hand, until the user sets `online`. */
  chosen: Exclude<Status, 'online'> | null
  inCall: boolean
  activeRoom: string | null
  /** The last sign of somebody, but for those who have chosen to look offline. */
  lastActivity: number | null
  /** When the last device went. */
  lastSeen: number | null
  /** The status that others were last told, and when; null where that is not known. */
  told: Status | null
  toldAt: number
  /** When time alone changes something, or others are to be told; Infinity for never. */
  dueAt: number
}

export type PresenceEvent =
  | { type: 'open' | 'close'; device: string; socket: string }
  /** Somebody is there, by a socket or without one. */
  | { type: 'beat'; device: string | undefined }
  | { type: 'choose'; status: Status; device: string | undefined }
  | { type: 'call'; active: boolean }
  /** The user looks at a room, and so is there; or looks at it no more. */
  | { type: 'enter'; room: string; device: string | undefined }
  | { type: 'leave'; room: string }
  /** What was stored before this process began; the devices of then have as long as others to come back. */
  | { type: 'restore'; stored: StoredPresence }
  /** Others are told of the status, unless they were only just. */
  | { type: 'tell' }
  /** They could not be told after all. */
  | { type: 'unheard' }
  | { type: 'time' }

/** What outlives a restart. */
export interface StoredPresence {
  status: Status
  chosen: UserPresence['chosen']
  activeRoom: string | null
  lastActivity: number | null
  lastSeen: number | null
}

/** Callers that name no device count as one. */
const NAMELESS = 'http'
/** The devices of before a restart, whose names are not stored. */
const BEFORE = 'before'
/** Devices that are kept of one user without a socket; a caller can make up as many as it likes. */
const MOST_WITHOUT_SOCKET = 20

/** Nothing is known of the user. */
export const ABSENT: UserPresence = {
  devices: {},
  chosen: null,
  inCall: false,
  activeRoom: null,
  lastActivity: null,
  lastSeen: null,
  told: 'offline',
  toldAt: 0,
  dueAt: Infinity,
}

/** Whether nothing of the state is worth keeping. */
export function isAbsent({ devices, chosen, inCall, told }: UserPresence): boolean {
  return Object.keys(devices).length === 0 && chosen === null && !inCall && told === 'offline'
}

/** When the user was last there, as others may know it: now, while they are. */
export function seenAt(state: UserPresence, at: number): number | null {
  const { devices, chosen, lastSeen } = state
  const present = Object.values(devices)
  if (present.length === 0 || chosen === 'offline') return lastSeen
  return Math.max(
    ...present.map(({ sockets, beatAt, goneAt }) => (sockets.length > 0 ? at : (goneAt ?? beatAt))),
  )
}

/** Whether the user is there, whatever others are shown. */
export function isPresent({ devices }: UserPresence, at: number, rules: PresenceRules): boolean {
  return Object.values(devices).some((device) => at < endOf(device, rules))
}

/** What others see at this time. Nobody learns that who looks offline is there. */
export function statusOf(
  { devices, chosen, inCall }: UserPresence,
  at: number,
  rules: PresenceRules,
): Status {
  const present = Object.values(devices).filter((device) => at < endOf(device, rules))
  if (present.length === 0 || chosen === 'offline') return 'offline'
  if (inCall) return 'busy'
  return chosen ?? (present.some(({ beatAt }) => at < beatAt + rules.idle) ? 'online' : 'away')
}

/** State × event × time → state. An event with no meaning in this state changes nothing. */
export function step(
  state: UserPresence,
  event: PresenceEvent,
  at: number,
  rules: PresenceRules,
): UserPresence {
  const next = withoutGone(apply(withoutGone(state, at, rules), event, at, rules), at, rules)
  return { ...next, dueAt: dueAt(next, at, rules) }
}

function apply(state: UserPresence, event: PresenceEvent, at: number, rules: PresenceRules): UserPresence {
  switch (event.type) {
    case 'open':
      return open(state, event.device, event.socket, at)
    case 'close':
      return close(state, event.device, event.socket, at)
    case 'beat':
      return beat(state, event.device, at)
    case 'choose':
      if (event.status !== 'offline')
        return beat({ ...state, chosen: event.status === 'online' ? null : event.status }, event.device, at)
      return { ...state, chosen: 'offline', lastSeen: state.chosen === 'offline' ? state.lastSeen : at }
    case 'call':
      return { ...state, inCall: event.active }
    case 'enter':
      return beat({ ...state, activeRoom: event.room }, event.device, at)
    case 'leave':
      return state.activeRoom === event.room ? { ...state, activeRoom: null } : state
    case 'restore':
      return restore(state, event.stored, at)
    case 'tell': {
      const status = statusOf(state, at, rules)
      if (status === state.told || at < state.toldAt + rules.pause) return state
      return { ...state, told: status, toldAt: at }
    }
    case 'unheard':
      return { ...state, told: null }
    case 'time':
      return state
  }
}

function open(state: UserPresence, name: string, socket: string, at: number): UserPresence {
  const known = state.devices[name]
  // A page that connects again says nothing of whether somebody looks at it: a hidden one does so, too.
  const beatAt = known?.beatAt ?? state.devices[BEFORE]?.beatAt ?? at
  const device = { sockets: [...(known?.sockets ?? []), socket], beatAt, goneAt: null }
  const opened = { ...state, devices: { ...state.devices, [name]: device } }
  return known ? opened : noteActivity(opened, beatAt)
}

function close(state: UserPresence, name: string, socket: string, at: number): UserPresence {
  const device = state.devices[name]
  if (!device?.sockets.includes(socket)) return state
  const sockets = device.sockets.filter((id) => id !== socket)
  const goneAt = sockets.length === 0 ? at : null
  return { ...state, devices: { ...state.devices, [name]: { ...device, sockets, goneAt } } }
}

function beat(state: UserPresence, given: string | undefined, at: number): UserPresence {
  const name = given ?? latestConnected(state) ?? NAMELESS
  const known = state.devices[name]
  const device = { sockets: known?.sockets ?? [], beatAt: at, goneAt: null }
  return noteActivity({ ...state, devices: bounded({ ...state.devices, [name]: device }) }, at)
}

/** Of a user who looks offline nobody learns when they were there. */
function noteActivity(state: UserPresence, at: number): UserPresence {
  return state.chosen === 'offline' ? state : { ...state, lastActivity: at }
}

/** A caller who names no device may well sit at one of those that are connected. */
function latestConnected({ devices }: UserPresence): string | undefined {
  return Object.entries(devices)
    .filter(([, { sockets }]) => sockets.length > 0)
    .toSorted(([, a], [, b]) => b.beatAt - a.beatAt)[0]?.[0]
}

function bounded(devices: UserPresence['devices']): UserPresence['devices'] {
  const without = Object.entries(devices).filter(([, { sockets }]) => sockets.length === 0)
  if (without.length <= MOST_WITHOUT_SOCKET) return devices
  const [oldest] = without.toSorted(([, a], [, b]) => a.beatAt - b.beatAt)
  return Object.fromEntries(Object.entries(devices).filter(([name]) => name !== oldest?.[0]))
}

function restore(state: UserPresence, stored: StoredPresence, at: number): UserPresence {
  const { status, lastActivity } = stored
  const restored = {
    ...state,
    chosen: state.chosen ?? stored.chosen,
    activeRoom: state.activeRoom ?? stored.activeRoom,
    lastActivity: state.lastActivity ?? lastActivity,
    lastSeen: state.lastSeen ?? stored.lastSeen,
    told: status,
  }
  if (status === 'offline') return restored
  const before: Device = { sockets: [], beatAt: lastActivity ?? at, goneAt: at }
  return { ...restored, devices: { ...state.devices, [BEFORE]: before } }
}

/** When a device is gone unless something happens; never, while it has a socket. */
function endOf({ sockets, beatAt, goneAt }: Device, { grace, stale }: PresenceRules): number {
  if (sockets.length > 0) return Infinity
  return goneAt === null ? beatAt + stale : goneAt + grace
}

function withoutGone(state: UserPresence, at: number, rules: PresenceRules): UserPresence {
  const all = Object.entries(state.devices)
  const left = all.filter(([, device]) => at < endOf(device, rules))
  if (left.length === all.length) return state
  const devices = Object.fromEntries(left)
  if (left.length > 0) return { ...state, devices }
  const seen = Math.max(...all.map(([, { beatAt, goneAt }]) => goneAt ?? beatAt))
  return {
    ...state,
    devices,
    activeRoom: null,
    lastSeen: state.chosen === 'offline' ? state.lastSeen : seen,
  }
}

function dueAt(state: UserPresence, at: number, rules: PresenceRules): number {
  const times = Object.values(state.devices).flatMap((device) => [
    endOf(device, rules),
    device.beatAt + rules.idle,
  ])
  const pending = statusOf(state, at, rules) === state.told ? Infinity : state.toldAt + rules.pause
  return Math.min(pending, ...times.filter((time) => time > at))
}
