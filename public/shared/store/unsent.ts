import { asRows, num, str, type Wire } from './model.ts'
import type { OutboxStorage, PendingSend } from './outbox.ts'

const fromRow = (row: Wire): PendingSend => ({
  clientId: str(row.clientId),
  room: str(row.room),
  content: str(row.content),
  at: num(row.at),
  state: row.state === 'failed' ? 'failed' : 'waiting',
  error: str(row.error),
  seq: 0,
})

/** A user's unsent messages, kept while the tab lives, across reloads and logins. */
export function unsentMessages(user: string): OutboxStorage {
  const key = `f-chat.unsent.${user}`
  return {
    load() {
      try {
        const rows = asRows(JSON.parse(sessionStorage.getItem(key) ?? '[]')).map(fromRow)
        return rows.filter(({ clientId, room, content }) => clientId && room && content)
      } catch {
        return []
      }
    },
    save(unsent) {
      try {
        if (unsent.length > 0) sessionStorage.setItem(key, JSON.stringify(unsent))
        else sessionStorage.removeItem(key)
        return true
      } catch {
        return false
      }
    },
  }
}
