import t from 'tap'
import { HUGE, NO_NUMBER, NOBODY_MEANS, noRooms, tryBadInput } from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'
import { WORDLESS } from '../search/cases.ts'

const NO_TERM = [
  ...WORDLESS,
  null,
  {},
  [],
  ['x'],
  { $ne: null },
  HUGE,
  'x'.repeat(4001),
  'a b c d e f g h i j k l m n o p q r s t u',
]
const NO_TIME = [
  ...NOBODY_MEANS,
  'yesterday',
  '2026-02-30',
  '2026-13-01',
  '9999',
  '2026-01-01 25:00',
  '2026-01-01Z',
]
const NO_PAGE = [...NO_NUMBER, 0, 1_000_001]
const NO_SIZE = [...NO_NUMBER, 0, 101]
const NO_TYPE = [...NOBODY_MEANS, 'text', 'Text ', ['Text']]

await eachDatabase(t, 'searches with wrong arguments', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  const others = await wire.room(CLEO)
  await wire.send(ANN, room, 'hello')
  await tryBadInput(t, wire, [
    {
      method: 'f_chat.search_messages',
      args: { room_id: room, search_term: 'hello' },
      wrong: {
        room_id: noRooms(room, others),
        search_term: NO_TERM,
        page: NO_PAGE,
        page_size: NO_SIZE,
        message_type: NO_TYPE,
        from_date: NO_TIME,
        to_date: NO_TIME,
        sender: [{}, [], HUGE, 'x'.repeat(141)],
      },
    },
    {
      method: 'f_chat.get_global_chat_search',
      args: { search_term: 'hello' },
      wrong: { search_term: NO_TERM, page: NO_PAGE, page_size: NO_SIZE },
    },
  ])
})
