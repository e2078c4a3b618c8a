import { defineMethod, Type } from '@f-chat/desk'
import { activePositions, roomPositions } from '../doctypes/chat_room/positions.ts'
import { movedSince } from '../realtime/beats.ts'
import { presenceOf } from '../realtime/presence.ts'
import { longPath } from './shared.ts'

/** Someone is there; answers which of their rooms have moved since the last beat of the same socket. */
export const heartbeat = defineMethod({
  name: 'f_chat.heartbeat',
  aliases: [longPath('realtime_events_fixed', 'heartbeat'), longPath('realtime_events', 'heartbeat')],
  input: Type.Object({}),
  async handler(_args, ctx) {
    const timestamp = ctx.now()
    presenceOf(ctx.site).touch(ctx.user, timestamp)
    const rooms = movedSince(ctx.connection, activePositions(await roomPositions(ctx)))
    return { success: true, timestamp, rooms }
  },
})
