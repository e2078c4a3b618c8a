import t from 'tap'
import { getChatMessages, sendMessage } from '../../api/messages.ts'
import { getUserChatStatus } from '../../api/unread.ts'
import { eachDatabase } from '../support/databases.ts'
import type { SentMessage } from '../../doctypes/chat_message/post.ts'
import { ANN, BEN, chatSite, OUTSIDER, refusal } from '../support/site.ts'

await eachDatabase(t, 'get_chat_messages', async (t, db) => {
  const { call, room: makeRoom, send, statements, site } = await chatSite(t, db)
  const room = await makeRoom(ANN, [BEN])
  const sent: SentMessage[] = []
  for (let i = 2; i <= 25; i++) sent.push(await send(i % 2 ? ANN : BEN, room, `m${String(i)}`))
  const page = async (args: object = {}) => call(BEN, getChatMessages, { room_id: room, ...args })
  const seqs = ({ messages }: { messages: { seq: number }[] }) => messages.map(({ seq }) => seq)

  await t.test('newest first, ten a page', async (t) => {
    const first = await page()
    t.same(seqs(first), [25, 24, 23, 22, 21, 20, 19, 18, 17, 16])
    t.same(first.pagination, {
      total_count: 25,
      page: 1,
      page_size: 10,
      total_pages: 3,
      has_next: true,
      has_prev: false,
    })
    t.match(first.messages[0], {
      name: sent.at(-1)?.message_id,
      sender: ANN,
      message_type: 'Text',
      message_content: 'm25',
      reply_to_message: null,
      is_edited: 0,
      is_deleted: 0,
      attachments: [],
      reactions: {},
      sender_info: { full_name: 'Ann', user_image: null },
    })
    const last = await page({ page: 3 })
    t.same(seqs(last), [5, 4, 3, 2, 1])
    t.match(last.pagination, { has_next: false, has_prev: true })
  })

  await t.test('by key', async (t) => {
    const before = await page({ before_seq: 5, page_size: 3 })
    t.same(seqs(before), [4, 3, 2])
    t.equal(before.pagination.has_next, true)
    t.equal((await page({ before_seq: 4, page_size: 3 })).pagination.has_next, false)
    const after = await page({ after_seq: 20, page_size: 3 })
    t.same(seqs(after), [23, 22, 21], 'the nearest ones')
    t.equal(after.pagination.has_next, true)
    t.same(seqs(await page({ before_timestamp: sent[3]?.timestamp, page_size: 2 })), [4, 3])
  })

  await t.test('a reply brings what it answers', async (t) => {
    const args = { room_id: room, message_content: 're', reply_to: sent[0]?.message_id }
    await call(ANN, sendMessage, args)
    t.match((await page({ page_size: 1 })).messages, [{ reply_to_content: 'm2', reply_to_sender: BEN }])
  })

  await t.test('deleted ones are left out, or keep their place as tombstones', async (t) => {
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Message')
        .where({ name: sent[0]?.message_id })
        .update({ is_deleted: 1, message_content: 'gone' })
      await db('tabChat Room').where({ name: room }).update({ deleted_count: 1 })
    })
    const without = await page({ before_seq: 4 })
    t.same(seqs(without), [3, 1])
    t.equal(without.pagination.total_count, 25)
    const tombstones = await page({ before_seq: 4, include_deleted: '1' })
    t.same(seqs(tombstones), [3, 2, 1])
    t.match(tombstones.messages[1], { is_deleted: 1, message_content: 'gone' })
    t.equal(tombstones.pagination.total_count, 26)
  })

  await t.test('reactions are grouped by emoji', async (t) => {
    const common = { parent: sent[4]?.message_id, parenttype: 'Chat Message', parentfield: 'reactions' }
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Message Reaction').insert([
        {
          ...common,
          name: 'r1',
          idx: 1,
          user: ANN,
          reaction_emoji: '👍',
          timestamp: '2026-01-01 10:00:00.000000',
        },
        {
          ...common,
          name: 'r2',
          idx: 2,
          user: BEN,
          reaction_emoji: '👍',
          timestamp: '2026-01-01 10:00:01.000000',
        },
        {
          ...common,
          name: 'r3',
          idx: 3,
          user: BEN,
          reaction_emoji: '🎉',
          timestamp: '2026-01-01 10:00:02.000000',
        },
      ])
    })
    const { messages } = await page({ before_seq: 7, page_size: 1 })
    t.match(messages[0]?.reactions, {
      '👍': { count: 2, users: [{ user: ANN }, { user: BEN }] },
      '🎉': { count: 1 },
    })
  })

  await t.test('an outsider, Administrator and a room that is not there: the same answer', async (t) => {
    for (const user of [OUTSIDER, 'Administrator']) {
      await t.rejects(
        call(user, getChatMessages, { room_id: room }),
        refusal(404, /^Chat Room CR-\d+ not found\.$/),
      )
    }
    await t.rejects(
      call(ANN, getChatMessages, { room_id: 'CR-9999' }),
      refusal(404, /^Chat Room CR-9999 not found\.$/),
    )
    await t.rejects(page({ page_size: 0 }), refusal(417))
    await t.rejects(page({ before_timestamp: 'yesterday' }), refusal(417))
    await t.rejects(page({ room_id: undefined }), refusal(417, /Missing argument: room_id/))
  })

  await t.test('costs five statements, and reading marks nothing', async (t) => {
    t.equal((await statements(() => page({ page_size: 100 }))).length, 5)
    t.equal((await call(BEN, getUserChatStatus)).total_unread, 13)
  })
})
