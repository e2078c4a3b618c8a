import { createHmac } from 'node:crypto'

export interface TurnConfig {
  urls: readonly string[]
  /** coturn's `static-auth-secret`. */
  secret: string
  ttlSeconds?: number
}

/** As `RTCPeerConnection` takes it. */
export interface IceServer {
  urls: readonly string[]
  username: string
  credential: string
}

/** Longer than people talk: a relay asks for the credentials again when it is refreshed. */
const TTL_SECONDS = 12 * 60 * 60

/**
 * Credentials of coturn's shared-secret scheme (`use-auth-secret`): good for one user until the instant that the name
 * begins with. @param now milliseconds since 1970
 */
export function turnServer(turn: TurnConfig, user: string, now: number): IceServer {
  const expires = Math.floor(now / 1000) + Math.ceil(turn.ttlSeconds ?? TTL_SECONDS)
  const username = `${String(expires)}:${user}`
  return {
    urls: turn.urls,
    username,
    credential: createHmac('sha1', turn.secret).update(username).digest('base64'),
  }
}

/** What a user's browser is given to connect by; made anew for each answer, and stored nowhere. */
export function iceServersFor(
  { iceServers, turn }: { iceServers: readonly object[]; turn: TurnConfig | undefined },
  user: string,
  now: number,
): object[] {
  return [...iceServers, ...(turn ? [turnServer(turn, user, now)] : [])]
}
