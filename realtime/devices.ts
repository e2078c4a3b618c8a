import type { Context, Site } from '@f-chat/desk'

/** Devices without a socket that are remembered at once; past them the oldest are forgotten. */
const MOST_HEARD = 10_000

const keyOf = (user: string, device: string): string => `${user}\n${device}`

/** The devices that are there, as far as this process knows: by their sockets, or by what they said without one. */
export class LiveDevices {
  /** When this process began to look; milliseconds. */
  readonly since = Date.now()
  readonly #bySocket = new Map<object, { user: string; devices: string[] }>()
  readonly #sockets = new Map<string, number>()
  readonly #heard = new Map<string, number>()

  /** A socket that opens counts for the page's own device and for that of its login. */
  opened({ connection, user, device, sessionDevice }: Context): void {
    if (!connection || this.#bySocket.has(connection)) return
    const devices = [...(device === undefined ? [] : [device]), sessionDevice]
    this.#bySocket.set(connection, { user, devices })
    for (const one of devices) {
      const key = keyOf(user, one)
      this.#sockets.set(key, (this.#sockets.get(key) ?? 0) + 1)
    }
  }

  /** @returns the devices of which this was the last socket */
  closed({ connection }: Context): string[] {
    const known = connection && this.#bySocket.get(connection)
    if (!known) return []
    this.#bySocket.delete(connection)
    return known.devices.filter((device) => {
      const key = keyOf(known.user, device)
      const left = (this.#sockets.get(key) ?? 1) - 1
      if (left > 0) {
        this.#sockets.set(key, left)
        return false
      }
      this.#sockets.delete(key)
      this.#heard.delete(key)
      return true
    })
  }

  /** The device has called. */
  heard(user: string, device: string, at: number): void {
    const key = keyOf(user, device)
    this.#heard.delete(key)
    this.#heard.set(key, at)
    if (this.#heard.size <= MOST_HEARD) return
    for (const oldest of this.#heard.keys()) {
      this.#heard.delete(oldest)
      return
    }
  }

  hasSocket(user: string, device: string): boolean {
    return this.#sockets.has(keyOf(user, device))
  }

  /** When it called last; undefined if it never did, or its socket has closed since. */
  lastHeard(user: string, device: string): number | undefined {
    return this.#heard.get(keyOf(user, device))
  }
}

const bySite = new WeakMap<Site, LiveDevices>()

export function liveDevicesOf(site: Site): LiveDevices {
  let devices = bySite.get(site)
  if (!devices) bySite.set(site, (devices = new LiveDevices()))
  return devices
}
