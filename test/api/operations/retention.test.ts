import t from 'tap'
import { manualCleanupRoom } from '../../../api/maintenance.ts'
import { getUserChatRooms } from '../../../api/rooms.ts'
import { sync } from '../../../api/sync.ts'
import { DELETED_TEXT } from '../../../doctypes/chat_message/content.ts'
import { cleanupOldMessages, emptyRoom } from '../../../jobs/chat-maintenance.ts'
import { eachDatabase } from '../../support/databases.ts'
import { QUICK, until } from '../../support/jobs.ts'
import { daysAgo, runJob, writeMany } from '../../support/operations.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal, type ChatSite } from '../../support/site.ts'

interface Stored {
  seq: number
  change_seq: number
  is_deleted: number
  message_content: string
  sender: string
}

const messagesOf = ({ site }: ChatSite, room: string): Promise<Stored[]> =>
  site.database
    .reader('tabChat Message')
    .where({ chat_room: room })
    .orderBy('seq')
    .select<Stored[]>('seq', 'change_seq', 'is_deleted', 'message_content', 'sender')

const roomOf = async ({ site }: ChatSite, room: string): Promise<Record<string, number>> =>
  await site.database.reader('tabChat Room').where({ name: room }).first<Record<string, number>>()

const keep = ({ site }: ChatSite, room: string, days: number): Promise<unknown> =>
  site.asAdministrator((ctx) =>
    ctx.db('tabChat Room').where({ name: room }).update({ auto_delete_messages_after_days: days }),
  )

/** From now on the database refuses to change messages of this room. */
const refuseUpdates = ({ site }: ChatSite, room: string): Promise<unknown> =>
  site.asAdministrator(({ db, kind }) =>
    db.raw(
      kind === 'mariadb'
        ? `create trigger broken before update on \`tabChat Message\` for each row
             if new.chat_room = '${room}' then signal sqlstate '45000'; end if`
        : `create trigger broken before update on \`tabChat Message\` when new.chat_room = '${room}'
             begin select raise(abort, 'broken'); end`,
    ),
  )

/** Whether the counters of a room are what its messages say, and no change was numbered twice or left out. */
async function isExact(t: Tap, chat: ChatSite, room: string): Promise<void> {
  const messages = await messagesOf(chat, room)
  const { last_seq, change_seq = 0, deleted_count } = await roomOf(chat, room)
  t.equal(messages.length, last_seq)
  t.equal(messages.filter(({ is_deleted }) => is_deleted).length, deleted_count)
  const changes = messages.map((message) => message.change_seq)
  t.equal(new Set(changes).size, messages.length, 'each change has a number of its own')
  t.equal(Math.max(...changes), change_seq)
}
type Tap = Parameters<Parameters<typeof eachDatabase>[2]>[0]

await eachDatabase(t, 'old messages', async (t, db) => {
  const chat = await chatSite(t, db, { config: { jobs: QUICK } })
  const { site, call, room: makeRoom, send, published } = chat

  await t.test('go in batches, while people go on writing', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    await writeMany(chat, { room, sender: BEN, count: 2600, from: daysAgo(9) })
    await writeMany(chat, { room, sender: BEN, count: 10, from: daysAgo(6) })
    await keep(chat, room, 7)
    published()

    // The process that deletes dies after the second batch.
    const stop = new AbortController()
    let batches = 0
    const unsubscribe = site.bus.subscribe((message) => {
      if (message.type !== 'event' || message.event !== 'chat_room_updated') return
      batches += 1
      if (batches === 2) stop.abort()
    })
    await t.rejects(runJob(chat, cleanupOldMessages, {}, stop.signal))
    unsubscribe()
    t.equal((await roomOf(chat, room)).deleted_count, 1000)
    await isExact(t, chat, room)

    const work = { done: false }
    const waits: number[] = []
    const sending = (async () => {
      while (!work.done) {
        const start = performance.now()
        await send(waits.length % 2 ? ANN : BEN, room, 'new')
        waits.push(performance.now() - start)
      }
    })()
    const start = performance.now()
    await runJob(chat, cleanupOldMessages)
    const took = performance.now() - start
    work.done = true
    await sending
    t.comment(
      `1600 messages in ${took.toFixed(0)} ms; ${String(waits.length)} sent meanwhile, the slowest in ${Math.max(...waits).toFixed(0)} ms`,
    )
    await isExact(t, chat, room)
    const messages = await messagesOf(chat, room)
    t.equal(messages.filter(({ is_deleted }) => is_deleted).length, 2600)
    t.equal(messages[0]?.is_deleted, 0, 'the record of the room’s creation stays')
    t.ok(messages.slice(1, 2601).every(({ message_content }) => message_content === DELETED_TEXT))
    t.ok(messages.slice(2601).every(({ is_deleted }) => is_deleted === 0))
    const events = published().filter(
      (event) => event.type === 'event' && event.event === 'chat_room_updated',
    )
    t.equal(events.length, 6, 'one event a batch')
    t.match(events[0], { message: { action: 'messages_deleted', new_values: { deleted_messages: 500 } } })

    await runJob(chat, cleanupOldMessages)
    t.equal((await roomOf(chat, room)).deleted_count, 2600, 'again there is nothing to do')
    const { rooms } = await call(ANN, getUserChatRooms)
    t.equal(rooms.find(({ name }) => name === room)?.unread_count, 2610 + Math.ceil(waits.length / 2))
    const { rooms: synced } = await call(ANN, sync, { rooms: { [room]: 1 } })
    t.equal(synced[room]?.reset, true)
  })

  await t.test('the site’s days count where the room has none', async (t) => {
    const [own, sites, young] = [await makeRoom(ANN), await makeRoom(ANN), await makeRoom(ANN)]
    for (const room of [own, sites]) await writeMany(chat, { room, sender: ANN, count: 3, from: daysAgo(40) })
    await writeMany(chat, { room: young, sender: ANN, count: 3, from: daysAgo(20) })
    await keep(chat, own, 100)
    const deleted = async (): Promise<(number | undefined)[]> =>
      await Promise.all([own, sites, young].map(async (room) => (await roomOf(chat, room)).deleted_count))
    await runJob(chat, cleanupOldMessages)
    t.same(await deleted(), [0, 0, 0], 'off')
    await site.asAdministrator(async (ctx) => {
      const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
      settings.set('auto_delete_old_messages', 1)
      await settings.save()
    })
    await runJob(chat, cleanupOldMessages)
    t.same(await deleted(), [0, 3, 0], '30 days by default')
    await site.asAdministrator(async (ctx) => {
      const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
      settings.set('auto_delete_after_days', 10)
      await settings.save()
      settings.set('auto_delete_after_days', 0)
      await t.rejects(settings.save(), /at least one day/)
      await ctx.db('tabChat Room').where({ name: young }).update({ room_status: 'Deleted' })
    })
    await keep(chat, own, 39)
    await runJob(chat, cleanupOldMessages)
    t.same(await deleted(), [3, 3, 3], 'also where nobody sees them any more')
    await keep(chat, own, 2_000_000_000)
    await runJob(chat, cleanupOldMessages)
    t.pass('no number of days is too large')
  })

  await t.test('a room that fails keeps no other from it', async (t) => {
    const [bad, good] = [await makeRoom(ANN), await makeRoom(ANN)]
    for (const room of [bad, good]) {
      await writeMany(chat, { room, sender: ANN, count: 2, from: daysAgo(9) })
      await keep(chat, room, 2)
    }
    await refuseUpdates(chat, bad)
    await t.rejects(runJob(chat, cleanupOldMessages), /Not every room/)
    t.equal((await roomOf(chat, good)).deleted_count, 2)
    t.equal((await roomOf(chat, bad)).deleted_count, 0)
    await isExact(t, chat, bad)
  })
})

await eachDatabase(t, 'manual_cleanup_room', async (t, db) => {
  const chat = await chatSite(t, db, { config: { jobs: QUICK } })
  const { site, call, room: makeRoom, send } = chat
  await site.asAdministrator((ctx) =>
    ctx.insert('User', {
      email: 'mana@test.example',
      first_name: 'Mana',
      roles: [{ role: 'System Manager' }],
    }),
  )
  const manager = 'mana@test.example'
  const room = await makeRoom(ANN, [BEN])
  for (let i = 0; i < 5; i++) await send(ANN, room, 'text')

  await t.test('is for those who may delete rooms', async (t) => {
    const ask = (user: string, room_id = room): Promise<unknown> => call(user, manualCleanupRoom, { room_id })
    await t.rejects(ask(ANN), refusal(403))
    await t.rejects(ask(OUTSIDER), refusal(404))
    await t.rejects(ask(CLEO, 'CR-99999'), refusal(404))
    await t.rejects(ask(manager, 'CR-99999'), refusal(404))
    await t.rejects(ask(manager, room.toLowerCase()), refusal(404))
  })

  await t.test('empties a room, whoever is in it', async (t) => {
    t.same(await call(manager, manualCleanupRoom, { room_id: room }), {
      room_id: room,
      deleted_count: 6,
      remaining_count: 0,
    })
    await isExact(t, chat, room)
    t.same((await call(manager, manualCleanupRoom, { room_id: room })).deleted_count, 0)
  })

  await t.test('a large one in the background; what is written after that stays', async (t) => {
    const large = await makeRoom(ANN, [BEN])
    await writeMany(chat, { room: large, sender: BEN, count: 1700, from: daysAgo(1) })
    const answer = await call(manager, manualCleanupRoom, { room_id: large })
    t.match(answer, { deleted_count: 500, remaining_count: 1201 })
    await send(ANN, large, 'after')
    site.start()
    await until(async () => (await roomOf(chat, large)).deleted_count === 1701, {
      what: 'the room to be empty',
    })
    await isExact(t, chat, large)
    const left = (await messagesOf(chat, large)).filter(({ is_deleted }) => !is_deleted)
    t.match(left, [{ message_content: 'after' }])
    await runJob(chat, emptyRoom, { room: large, upTo: 1701 })
    t.equal((await roomOf(chat, large)).deleted_count, 1701)
  })
})
