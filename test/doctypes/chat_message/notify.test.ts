import t from 'tap'
import { noticeFor, wantsNotice, type Occasion } from '../../../doctypes/chat_message/notify.ts'

const occasion = (values: Partial<Occasion> = {}): Occasion => ({
  wish: 'All',
  mentioned: false,
  direct: false,
  own: false,
  muted: false,
  ...values,
})

t.test('a member’s wish decides whether they are told', async (t) => {
  t.ok(wantsNotice(occasion()))
  t.notOk(wantsNotice(occasion({ wish: 'Mentions' })))
  t.ok(wantsNotice(occasion({ wish: 'Mentions', mentioned: true })))
  t.ok(wantsNotice(occasion({ wish: 'Mentions', direct: true })), 'a Direct Message is meant for them')
  t.notOk(wantsNotice(occasion({ wish: 'None', mentioned: true, direct: true })))
  t.notOk(wantsNotice(occasion({ own: true, mentioned: true })), 'nobody is told of what they said')
  t.ok(wantsNotice(occasion({ muted: true })), 'a muted member hears')
})

t.test('where they are decides how', async (t) => {
  const told = (values: Partial<Occasion> = {}) =>
    (['in_room', 'online', 'busy', 'away', 'offline'] as const).map((place) =>
      noticeFor(occasion(values), place),
    )
  t.same(told(), ['none', 'alert', 'none', 'push', 'push'])
  t.same(told({ mentioned: true }), ['none', 'alert', 'alert', 'push', 'push'])
  t.same(told({ direct: true }), ['none', 'alert', 'alert', 'push', 'push'])
  t.same(told({ wish: 'None', mentioned: true }), ['none', 'none', 'none', 'none', 'none'])
})
