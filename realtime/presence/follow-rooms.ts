import type { Site } from '@f-chat/desk'
import type { ChatEvents } from '../events.ts'

/** What follows for whoever sends a message, or leaves a room. */
export interface Followed {
  stopTyping: (user: string, room: string) => Promise<void>
  left: (user: string, room: string) => Promise<void>
}

const ROOM = /^chat_room_(.+)$/s

/** Who has sent a message types it no longer, and who has left a room is not in it, whoever was asked to do so. */
export function followRooms(site: Site, { left, stopTyping }: Followed): void {
  const orWarn = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      site.log.warn({ err: error }, 'presence could not follow a room')
    })
  }
  site.bus.subscribe((message) => {
    if (message.type === 'event' && message.event === 'chat_new_message') {
      const { sender, room_id } = message.message as ChatEvents['chat_new_message']
      orWarn(stopTyping(sender, room_id))
    } else if (message.type === 'leave') {
      const room = ROOM.exec(message.room)?.[1]
      if (room === undefined) return
      for (const user of message.users) {
        orWarn(left(user, room))
        orWarn(stopTyping(user, room))
      }
    }
  })
}
