import type { Site } from '@f-chat/desk'
import type { TurnConfig } from './ice.ts'

/** A device without a socket lives by its calls; a page may take this long to open its socket. */
const WITHOUT_SOCKET_MS = 60_000

/** What site_config.json says of calls (interfaces.md); times in milliseconds. */
export interface CallSettings {
  ringMs: number
  /** How long a device may be gone before its user has left. */
  graceMs: number
  /** How long a device whose socket is open is believed to live, before the next look. */
  leaseMs: number
  /** The same for one without a socket, from its last call on. */
  withoutSocketMs: number
  /** People in one call; null where a media server carries it. */
  most: number | null
  iceServers: readonly object[]
  turn: TurnConfig | undefined
}

export function callSettings({ config }: Pick<Site, 'config'>): CallSettings {
  const graceMs = milliseconds(config.device_grace_seconds, 20)
  const most = config.mesh_max_participants
  return {
    ringMs: milliseconds(config.ring_timeout_seconds, 45),
    graceMs,
    leaseMs: graceMs * 1.5,
    withoutSocketMs: Math.max(WITHOUT_SOCKET_MS, graceMs),
    most: config.livekit ? null : typeof most === 'number' && most >= 2 ? Math.floor(most) : 4,
    iceServers: Array.isArray(config.ice_servers) ? config.ice_servers.filter(isObject) : [],
    turn: turnOf(config.turn),
  }
}

function milliseconds(value: unknown, otherwise: number): number {
  return (typeof value === 'number' && value > 0 ? value : otherwise) * 1000
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function turnOf(value: unknown): TurnConfig | undefined {
  if (!isObject(value)) return undefined
  const { urls, secret, ttl_seconds } = value as Record<string, unknown>
  const list = (Array.isArray(urls) ? urls : [urls]).filter((url) => typeof url === 'string')
  if (list.length === 0 || typeof secret !== 'string' || secret === '') return undefined
  const ttl = typeof ttl_seconds === 'number' && ttl_seconds > 0 ? ttl_seconds : undefined
  return { urls: list, secret, ...(ttl === undefined ? {} : { ttlSeconds: ttl }) }
}
