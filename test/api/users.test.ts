import t from 'tap'
import { getChatSettings } from '../../api/settings.ts'
import { searchUsersForChatRoom } from '../../api/users.ts'
import { eachDatabase } from '../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../support/site.ts'

type Found = NonNullable<(typeof searchUsersForChatRoom)['types']>['output']

await eachDatabase(t, 'search_users_for_chat_room', async (t, db) => {
  const { room: makeRoom, site } = await chatSite(t, db)
  const room = await makeRoom(ANN, [BEN])
  const search = async (user: string, args: object = {}) =>
    (await site.call(searchUsersForChatRoom.name, { ...args }, { user })) as Found
  const names = ({ data }: Found) => data.map(({ name }) => name)

  await t.test('enabled system users but oneself', async (t) => {
    const found = await search(ANN)
    t.same(names(found), [BEN, CLEO, OUTSIDER])
    t.match(found, {
      success: true,
      total_count: 3,
      search_term: '',
      excluded_members: [],
      data: [
        {
          full_name: 'Ben',
          first_name: 'Ben',
          email: BEN,
          display_text: `Ben (${BEN})`,
          chat_status: 'offline',
        },
      ],
    })
  })

  await t.test('by name or address, literally', async (t) => {
    t.same(names(await search(ANN, { search_term: 'CLE' })), [CLEO])
    t.same(names(await search(ANN, { search_term: 'olaf@' })), [OUTSIDER])
    t.same(names(await search(ANN, { search_term: '%' })), [])
  })

  await t.test('without those who are in the room already', async (t) => {
    const found = await search(ANN, { room_id: room })
    t.same(names(found), [CLEO, OUTSIDER])
    t.same(found.excluded_members, [ANN, BEN])
    t.same(names(await search(ANN, { room_id: room, exclude_existing: '0' })), [BEN, CLEO, OUTSIDER])
  })

  await t.test('outsiders and people without a role', async (t) => {
    await t.rejects(search(OUTSIDER, { room_id: room }), refusal(404, /^Chat Room CR-\d+ not found\.$/))
    await t.rejects(search('Guest'), refusal(403))
    await site.asAdministrator(async (ctx) => {
      await ctx.insert('User', { email: 'web@test.example', first_name: 'Web', user_type: 'Website User' })
    })
    await t.rejects(search('web@test.example'), refusal(403, /Chat User/))
  })
})

await eachDatabase(t, 'settings', async (t, db) => {
  const { site, call } = await chatSite(t, db)
  t.equal(
    await site.call('f_chat.f_chat.doctype.chat_settings.chat_settings.is_chat_enabled', {}, { user: ANN }),
    true,
  )
  t.match(await call(ANN, getChatSettings), {
    enable_chat: 1,
    message_edit_time_limit: 24,
    max_file_size: 10485760,
  })
  await t.rejects(call('Guest', getChatSettings), refusal(403))
})
