/** A socket, as a method knows it that was called over it. */
export interface LiveConnection {
  /**
   * Hears a channel; before each of its events `may` is asked whether it still may.
   * @throws ValidationError when it hears too many already
   */
  subscribe(room: string, may: (message: unknown) => Promise<boolean>): void
  unsubscribe(room: string): void
}

export function isLiveConnection(connection: object | undefined): connection is LiveConnection {
  return connection !== undefined && 'subscribe' in connection && 'unsubscribe' in connection
}
