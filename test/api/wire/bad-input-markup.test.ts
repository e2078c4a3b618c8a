import t from 'tap'
import { NOBODY_MEANS, noRooms, tryBadInput } from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, OUTSIDER } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'

await eachDatabase(t, 'wishes that are none', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  const others = await wire.room(OUTSIDER)
  await tryBadInput(t, wire, [
    {
      method: 'f_chat.set_room_notifications',
      args: { room_id: room, notify: 'Mentions' },
      wrong: {
        room_id: noRooms(room, others),
        notify: [...NOBODY_MEANS, null, '', 'all', 'ALL', ' All', 'Muted'],
      },
    },
  ])
  const wishes = await wire.site.database.reader('tabChat Room Member').pluck('notify')
  t.same([...new Set(wishes)], ['All'])
})
