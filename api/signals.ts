import { defineMethod, Type } from '@f-chat/desk'
import { relaySignal } from '../doctypes/chat_call_session/relay.ts'
import { answerOf, longPath } from './shared.ts'

const Name = Type.String({ minLength: 1, maxLength: 140 })

/** It reads only, and takes POST all the same, since it does something. */
export const sendWebrtcSignal = defineMethod({
  name: 'f_chat.send_webrtc_signal',
  summary: 'Passes a signal of WebRTC to the joined device of another participant. Nothing is stored.',
  aliases: [longPath('call_management', 'send_webrtc_signal')],
  verbs: ['POST', 'PUT'],
  rateLimit: { limit: 3000, seconds: 10, per: 'user' },
  input: Type.Object({
    call_session_id: Name,
    signal_type: Type.Union([Type.Literal('offer'), Type.Literal('answer'), Type.Literal('ice-candidate')]),
    signal_data: Type.Object({}),
    /** May be left out where there is only one other. */
    target_user: Type.Optional(Name),
    /** One for each pair and attempt to connect: signals of an older one are refused. */
    connection_id: Type.Optional(Name),
  }),
  output: answerOf({ target_user: Type.String(), to_device: Type.String() }),
  async handler({ call_session_id, signal_type, signal_data, target_user, connection_id }, ctx) {
    const data = await relaySignal(ctx, {
      call: call_session_id,
      type: signal_type,
      data: { ...signal_data },
      to: target_user,
      connection: connection_id,
    })
    return { success: true, message: 'Signal sent', data }
  },
})
