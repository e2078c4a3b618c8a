/** What each socket was last told of its rooms. */
const told = new WeakMap<object, Record<string, number>>()

/** Of the positions now, those that the socket has not been told; all of them without a socket. */
export function movedSince(
  connection: object | undefined,
  positions: Readonly<Record<string, number>>,
): Record<string, number> {
  if (!connection) return positions
  const before = told.get(connection) ?? {}
  told.set(connection, positions)
  return Object.fromEntries(Object.entries(positions).filter(([room, seq]) => before[room] !== seq))
}
