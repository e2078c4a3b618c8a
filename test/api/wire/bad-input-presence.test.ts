import t from 'tap'
import { HUGE, NOBODY_MEANS, noRooms, tryBadInput } from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'

const NO_FLAG = ['x', 2, '2', -1, {}, [], [1], HUGE]

await eachDatabase(t, 'bad input about who is there', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  const others = await wire.room(OUTSIDER, [CLEO])
  const room_id = noRooms(room, others)
  const rooms = ['join_room', 'leave_room', 'join_chat_room', 'leave_chat_room']
  await tryBadInput(t, wire, [
    {
      method: 'f_chat.update_user_status',
      args: {},
      wrong: { status: [...NOBODY_MEANS, 'Online', 'online '] },
    },
    {
      method: 'f_chat.get_user_status',
      args: {},
      wrong: { user: [...NOBODY_MEANS, 'nobody@x.example', 'Guest', `${BEN}\u200b`, 'bén@test.example'] },
    },
    { method: 'f_chat.get_online_users', args: {}, wrong: { room_id: room_id.filter((id) => id !== '') } },
    {
      method: 'f_chat.watch_users',
      args: {},
      wrong: {
        users: ['x', '{', 1, true, { user: BEN }, [1], [null], [[]], [''], [HUGE], Array(201).fill(BEN)],
      },
    },
    { method: 'f_chat.user_typing', args: { room_id: room }, wrong: { room_id, is_typing: NO_FLAG } },
    {
      method: 'f_chat.send_typing_indicator',
      args: { room_id: room, is_typing: true },
      wrong: { room_id, is_typing: [...NO_FLAG, '', null] },
    },
    ...rooms.map((name) => ({ method: `f_chat.${name}`, args: { room_id: room }, wrong: { room_id } })),
  ])
})
