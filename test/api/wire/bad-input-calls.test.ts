import t from 'tap'
import { HUGE, NO_NUMBER, NOBODY_MEANS, noRooms, tryBadInput, type Case } from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { roads, wireSite } from '../../support/wire.ts'

const NO_FLAG = ['x', 2, '2', {}, []]
const NO_TYPE = [...NOBODY_MEANS, 'audio', 'Screen', ['Video']]

const cases = (room: string, others: string, call: string, theirs: string): Case[] => {
  const notACall = [
    ...NOBODY_MEANS,
    ...[theirs, 'CALL-99999', ` ${call}`, `${call} `, call.toLowerCase(), `${call}\u200b`, '', ' '],
  ]
  const strangers = [...NOBODY_MEANS, OUTSIDER, `${BEN}\u200b`, 'bén@test.example']
  const about = { call_session_id: call }
  return [
    {
      method: 'f_chat.initiate_call',
      args: { room_id: others, call_type: 'Audio', participants: [BEN] },
      wrong: {
        room_id: noRooms(others, room),
        call_type: NO_TYPE,
        participants: [
          ...strangers.map((user) => [user]),
          'x',
          '{',
          {},
          [ANN],
          [[BEN]],
          Array(10_001).fill(BEN),
        ],
      },
    },
    { method: 'f_chat.join_call', args: about, wrong: { call_session_id: notACall, takeover: NO_FLAG } },
    { method: 'f_chat.leave_call', args: about, wrong: { call_session_id: notACall } },
    { method: 'f_chat.ack_ring', args: about, wrong: { call_session_id: notACall } },
    {
      method: 'f_chat.reject_call',
      args: { ...about, message: 'no' },
      wrong: { call_session_id: notACall, message: [0, true, {}, [], HUGE, 'x'.repeat(4001)] },
    },
    {
      method: 'f_chat.invite_to_call',
      args: { ...about, users: [CLEO] },
      wrong: {
        call_session_id: notACall,
        users: [...strangers.map((user) => [user]), [], 'x', {}, [ANN], Array(1001).fill(CLEO)],
      },
    },
    {
      method: 'f_chat.upgrade_call',
      args: about,
      wrong: { call_session_id: notACall, call_type: ['Audio', ...NO_TYPE.filter((type) => type !== '')] },
    },
    {
      method: 'f_chat.update_call_state',
      args: { ...about, state: { audio: true } },
      wrong: {
        call_session_id: notACall,
        state: [
          ...['x', '{', 1, [], null, { audio: 1 }, { video: 'on' }, { media: 'lost' }, { quality: HUGE }],
          ...[{ unknown: true }, JSON.parse('{"__proto__": {"audio": true}, "x": 1}') as unknown],
        ],
      },
    },
    {
      method: 'f_chat.send_webrtc_signal',
      args: { ...about, signal_type: 'offer', signal_data: { sdp: 'v=0' }, target_user: BEN },
      wrong: {
        call_session_id: notACall,
        signal_type: [...NOBODY_MEANS, 'Offer', 'bye', ['offer']],
        signal_data: ['x', '{', 1, [], {}, { sdp: 1 }, { sdp: HUGE }, { type: 'answer', sdp: 'v=0' }],
        target_user: [...NOBODY_MEANS, OUTSIDER, CLEO, ANN, BEN.toUpperCase(), ` ${BEN}`],
        connection_id: [0, true, {}, [], 'x'.repeat(141)],
      },
    },
    {
      method: 'f_chat.get_active_call',
      args: { room_id: room },
      wrong: { room_id: noRooms(room, 'CR-9998') },
    },
    {
      method: 'f_chat.get_call_history',
      args: {},
      wrong: {
        room_id: noRooms(room, 'CR-9998').filter((value) => value !== ''),
        page: [...NO_NUMBER, 0, 1e308],
        page_size: [...NO_NUMBER, 0, 101],
      },
    },
  ]
}

await eachDatabase(t, 'bad input to the methods for calls', async (t, db) => {
  const wire = await wireSite(t, db)
  const [ben, cleo] = await Promise.all([BEN, CLEO].map((user) => wire.browser(user)))
  if (!ben || !cleo) throw new Error('two browsers')
  Object.assign(wire.site.config, { ring_timeout_seconds: 600 })
  const [room, others] = [await wire.room(BEN, [ANN, CLEO]), await wire.room(ANN, [BEN])]
  const hidden = await wire.room(CLEO, [BEN])
  const start = async (by: typeof ben, room_id: string): Promise<string> => {
    const { message } = await roads.json(by, 'f_chat.initiate_call', { room_id })
    return message.data.call_session_id as string
  }
  const [call, theirs] = [await start(ben, room), await start(cleo, hidden)]
  await wire.page(BEN)
  const ann = await wire.browser(ANN)
  await roads.json(ann, 'f_chat.join_call', { call_session_id: call })
  await tryBadInput(t, wire, cases(room, others, call, theirs))
})
