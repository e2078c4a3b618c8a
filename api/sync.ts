import { defineMethod, Type } from '@f-chat/desk'
import { catchUp } from '../doctypes/chat_room/sync.ts'
import { SyncShape } from './shapes.ts'

/** See interfaces.md, Socket. */
export const sync = defineMethod({
  name: 'f_chat.sync',
  summary: 'What the caller’s rooms have been through since these change_seq.',
  input: Type.Object({
    rooms: Type.Record(Type.String({ maxLength: 140 }), Type.Integer({ minimum: 0 }), { default: {} }),
    /** Changes of each room in one answer. */
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 200 }),
  }),
  output: SyncShape,
  async handler({ rooms, limit }, ctx) {
    return await catchUp(ctx, rooms, limit)
  },
})
