import t from 'tap'
import { addReaction, deleteMessageMethod, editMessageMethod } from '../../api/message-changes.ts'
import { getChatMessages } from '../../api/messages.ts'
import { sync } from '../../api/sync.ts'
import { asEmoji } from '../../doctypes/chat_message/emoji.ts'
import { eachDatabase } from '../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal, type ChatSite } from '../support/site.ts'

/** Sets fields behind the methods' back. */
const change = (chat: ChatSite, doctype: string, where: object, values: object): Promise<unknown> =>
  chat.site.asAdministrator((ctx) => ctx.db(`tab${doctype}`).where(where).update(values))

const setting = (chat: ChatSite, values: Record<string, unknown>): Promise<unknown> =>
  chat.site.asAdministrator(async (ctx) => {
    const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
    Object.assign(settings, values)
    await settings.save()
  })

await t.test('what is one emoji', (t) => {
  for (const emoji of ['👍', '❤️', '👩‍👩‍👧‍👦', '🇩🇪', '👋🏽', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿']) t.equal(asEmoji(emoji), emoji)
  t.equal(asEmoji(' ❤ '), '❤️', 'as it is stored')
  for (const text of [
    '',
    ' ',
    'a',
    '1',
    '👍👍',
    '👍 ',
    'ok👍',
    '🇩',
    '<b>',
    ':)',
    '\u200d',
    '👍\u0301',
    '👍'.repeat(99),
  ])
    t.equal(asEmoji(text), text === '👍 ' ? '👍' : undefined, text)
  t.end()
})

await eachDatabase(t, 'a message that changes', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call, published, site } = chat
  const room = await chat.room(ANN, [BEN, { user: CLEO, role: 'Moderator' } as unknown as string])
  const theOne = async (name: string) => {
    const { messages } = await call(ANN, getChatMessages, {
      room_id: room,
      page_size: 100,
      include_deleted: true,
    })
    return messages.find((message) => message.name === name)
  }
  const position = async () =>
    site.database
      .reader('tabChat Room')
      .where({ name: room })
      .first<{ change_seq: number }>('change_seq', 'deleted_count')

  await t.test('is edited by its sender', async (t) => {
    const { message_id, change_seq } = await chat.send(BEN, room, 'first')
    published()
    const edited = await call(BEN, editMessageMethod, { message_id, new_content: 'second *words*' })
    t.match(edited, { message_content: 'second *words*', is_edited: 1, change_seq: change_seq + 1 })
    t.match(published(), [
      {
        room: `chat_room_${room}`,
        event: 'chat_message_updated',
        message: { message_id, action: 'edited', new_content: 'second *words*', change_seq: change_seq + 1 },
      },
    ])
    t.match(await theOne(message_id), {
      message_content: 'second *words*',
      is_edited: 1,
      change_seq: change_seq + 1,
    })

    await call(BEN, editMessageMethod, { message_id, new_content: 'second *words*' })
    t.same(published(), [], 'the same again is no change')
    for (const [who, status] of [
      [ANN, 403],
      [CLEO, 403],
      [OUTSIDER, 404],
    ] as const) {
      await t.rejects(call(who, editMessageMethod, { message_id, new_content: 'x' }), refusal(status))
    }
    for (const new_content of ['', ' \u200b', 'x'.repeat(4001)])
      await t.rejects(call(BEN, editMessageMethod, { message_id, new_content }), refusal(417))
    t.same(published(), [])
    t.match(await theOne(message_id), { message_content: 'second *words*' })
  })

  await t.test('within the hours of the settings', async (t) => {
    const { message_id } = await chat.send(BEN, room, 'old')
    const at = site.clock.at(Date.now() - 3 * 3_600_000)
    await change(chat, 'Chat Message', { name: message_id }, { timestamp: at })
    await call(BEN, editMessageMethod, { message_id, new_content: 'within 24 hours' })
    await setting(chat, { message_edit_time_limit: 2 })
    await t.rejects(
      call(BEN, editMessageMethod, { message_id, new_content: 'late' }),
      refusal(403, /for 2 hours/),
    )
    await setting(chat, { message_edit_time_limit: 0 })
    await call(BEN, editMessageMethod, { message_id, new_content: 'no limit' })
    await setting(chat, { enable_message_editing: 0 })
    await t.rejects(call(BEN, editMessageMethod, { message_id, new_content: 'off' }), refusal(403))
    await setting(chat, { enable_message_editing: 1, message_edit_time_limit: 24 })
  })

  await t.test('is deleted by its sender and by those who lead the room', async (t) => {
    for (const who of [BEN, CLEO, ANN]) {
      const { message_id, seq } = await chat.send(BEN, room, 'words that go')
      await call(ANN, addReaction, { message_id, emoji: '👍' })
      const before = await position()
      published()
      const deleted = await call(who, deleteMessageMethod, { message_id })
      t.match(deleted, { seq, change_seq: before.change_seq + 1 })
      t.match(published(), [
        {
          event: 'chat_message_updated',
          message: { action: 'deleted', new_content: 'This message was deleted' },
        },
      ])
      t.match(await theOne(message_id), {
        message_content: 'This message was deleted',
        is_deleted: 1,
        reactions: {},
        seq,
      })
      t.match(await call(who, deleteMessageMethod, { message_id }), deleted, 'once more is the same')
      t.same(published(), [])
      await t.rejects(call(BEN, editMessageMethod, { message_id, new_content: 'x' }), refusal(417, /deleted/))
      await t.rejects(call(BEN, addReaction, { message_id, emoji: '👍' }), refusal(417, /deleted/))
    }
    const { message_id } = await chat.send(ANN, room, 'of an Admin')
    await t.rejects(call(BEN, deleteMessageMethod, { message_id }), refusal(403))
    await t.rejects(call(OUTSIDER, deleteMessageMethod, { message_id }), refusal(404))
    await t.rejects(call(BEN, deleteMessageMethod, { message_id: 'MSG-none' }), refusal(404))
    await t.rejects(call(BEN, deleteMessageMethod, { message_id: message_id.toLowerCase() }), refusal(404))
    const { messages } = await call(ANN, getChatMessages, { room_id: room, page_size: 100 })
    t.notMatch(JSON.stringify(messages), /words that go|was deleted/)
  })

  await t.test('takes reactions, each once', async (t) => {
    const { message_id } = await chat.send(BEN, room, 'react')
    published()
    t.match(await call(ANN, addReaction, { message_id, emoji: '👍' }), {
      action: 'added',
      reactions: { '👍': { count: 1 } },
    })
    await call(CLEO, addReaction, { message_id, emoji: '👍' })
    await call(ANN, addReaction, { message_id, emoji: '🎉' })
    const family = await call(BEN, addReaction, { message_id, emoji: '👩‍👩‍👧‍👦' })
    t.same(
      Object.entries(family.reactions).map(([emoji, { count }]) => [emoji, count]),
      [
        ['👍', 2],
        ['🎉', 1],
        ['👩‍👩‍👧‍👦', 1],
      ],
      'one emoji is not another, whatever the database compares',
    )
    t.match(await call(ANN, addReaction, { message_id, emoji: '👍' }), {
      action: 'removed',
      reactions: { '👍': { count: 1 } },
    })
    t.equal(published().length, 5)
    const { reactions } = (await theOne(message_id)) ?? {}
    t.same(
      Object.entries(reactions ?? {}).map(([emoji, { users }]) => [emoji, users.map(({ user }) => user)]),
      [
        ['👍', [CLEO]],
        ['🎉', [ANN]],
        ['👩‍👩‍👧‍👦', [BEN]],
      ],
    )
    for (const emoji of ['x', '👍👍', '<b>', ''])
      await t.rejects(call(ANN, addReaction, { message_id, emoji }), refusal(417))
    await t.rejects(call(OUTSIDER, addReaction, { message_id, emoji: '👍' }), refusal(404))
    await setting(chat, { enable_message_reactions: 0 })
    await t.rejects(call(ANN, addReaction, { message_id, emoji: '👍' }), refusal(403))
    await setting(chat, { enable_message_reactions: 1 })
  })

  await t.test('is left alone by the muted, and in an archived room by all', async (t) => {
    const { message_id } = await chat.send(BEN, room, 'mine')
    const tries = (who: string): (() => Promise<unknown>)[] => [
      () => call(who, editMessageMethod, { message_id, new_content: 'x' }),
      () => call(who, deleteMessageMethod, { message_id }),
      () => call(who, addReaction, { message_id, emoji: '👍' }),
    ]
    await change(chat, 'Chat Room Member', { parent: room, user: BEN }, { is_muted: 1 })
    for (const attempt of tries(BEN)) await t.rejects(attempt(), refusal(403, /muted/))
    await change(chat, 'Chat Room Member', { parent: room, user: BEN }, { is_muted: 0 })
    await change(chat, 'Chat Room', { name: room }, { room_status: 'Archived' })
    for (const attempt of tries(BEN)) await t.rejects(attempt(), refusal(417, /archived/))
    await change(chat, 'Chat Room', { name: room }, { room_status: 'Active' })
    await change(chat, 'Chat Room Member', { parent: room, user: BEN }, { parent: 'elsewhere' })
    for (const attempt of tries(BEN)) await t.rejects(attempt(), refusal(404))
    await call(ANN, addReaction, { message_id, emoji: '👍' })
    await change(chat, 'Chat Room Member', { parent: 'elsewhere', user: BEN }, { parent: room })
  })

  await t.test('what was missed is caught up', async (t) => {
    const one = await chat.send(BEN, room, 'one')
    const two = await chat.send(BEN, room, 'two')
    const { change_seq: since } = await position()
    await call(BEN, editMessageMethod, { message_id: one.message_id, new_content: 'ONE' })
    await call(ANN, addReaction, { message_id: one.message_id, emoji: '👍' })
    await call(BEN, deleteMessageMethod, { message_id: two.message_id })
    const answer = await call(CLEO, sync, { rooms: { [room]: since } })
    t.match(answer.rooms[room], {
      change_seq: since + 3,
      messages: [
        { name: one.message_id, message_content: 'ONE', is_edited: 1, reactions: { '👍': { count: 1 } } },
        { name: two.message_id, is_deleted: 1 },
      ],
    })
  })
})

await eachDatabase(t, 'while the chat is switched off', async (t, db) => {
  const chat = await chatSite(t, db)
  const room = await chat.room(ANN, [BEN])
  const { message_id } = await chat.send(BEN, room, 'before')
  await setting(chat, { enable_chat: 0 })
  await t.rejects(chat.send(BEN, room, 'after'), refusal(403, /switched off/))
  await t.rejects(chat.call(BEN, editMessageMethod, { message_id, new_content: 'x' }), refusal(403, /off/))
  await t.rejects(chat.call(BEN, addReaction, { message_id, emoji: '👍' }), refusal(403, /off/))
  t.match(await chat.call(BEN, getChatMessages, { room_id: room }), { messages: [{ name: message_id }] })
  await chat.call(BEN, deleteMessageMethod, { message_id })
  await setting(chat, { enable_chat: 1 })
  await chat.send(BEN, room, 'after')
})
