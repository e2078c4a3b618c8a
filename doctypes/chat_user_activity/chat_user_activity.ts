import { documentOf, type Context } from '@f-chat/desk'
import { memberRoom } from '../chat_room/membership.ts'
import type { ChatUserActivityFields } from './chat_user_activity.types.ts'

/** Where a user is and what they are doing there. */
export default class ChatUserActivity extends documentOf<ChatUserActivityFields>() {
  /** Somebody else's room is answered as one that is not there, so that nobody can try which rooms exist. */
  override async validate(ctx: Context): Promise<void> {
    const rooms = [this.text('active_room'), this.text('typing_in_room')].filter(Boolean)
    const user = ctx.asUser(this.text('user'))
    for (const room of new Set(rooms)) await memberRoom(user, room)
  }
}
