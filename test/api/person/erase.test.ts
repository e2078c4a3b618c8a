import t from 'tap'
import { erasePerson } from '../../../desk/personal-data/erase.ts'
import { exportPersonalData } from '../../../desk/personal-data/export.ts'
import type { ErasureRun } from '../../../desk/personal-data/person.ts'
import type { Site } from '../../../desk/site/site.ts'
import { erasePersonFromChat } from '../../../doctypes/person/erase.ts'
import { presenceOf } from '../../../realtime/presence.ts'
import { openDevice, callState } from '../../support/calls.ts'
import { ModelClient } from '../../support/chat-model.ts'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire, type FileWire } from '../../support/room-files.ts'
import type { Body } from '../../support/server.ts'
import { BEN, CLEO, refusal } from '../../support/site.ts'
import { overSocket } from '../../support/wire.ts'

/** A name that stands nowhere by chance. */
const ANN = 'annabel@test.example'
const NAMES = { first_name: 'Annabel', last_name: 'Quist' }
const TRACE = /annabel(?!le)|quist/i
const ADMIN = { user: 'Administrator' }
/** More than one transaction takes. */
const MANY = 520

interface World extends FileWire {
  group: string
  direct: string
  /** A message of Ben's that mentions Annabel, with a reaction of hers. */
  mentioning: string
}

/** Annabel has made a room, written and sent a lot, reacted, been mentioned; and talked to Ben alone. */
async function world(wire: FileWire): Promise<World> {
  await wire.person(ANN, { ...NAMES, roles: [{ role: 'Chat User' }] })
  const group = await wire.room(ANN, [BEN, CLEO])
  const made = await wire.post(ANN, 'f_chat.create_chat_room', {
    room_name: '',
    room_type: 'Direct Message',
    members: [BEN],
  })
  const direct = made.body.message.data.room_id as string
  await wire.site.write({ user: ANN }, async (ctx) => {
    for (let i = 0; i < MANY; i++)
      await ctx.call('f_chat.send_message', { room_id: group, message_content: `Annabel says ${String(i)}` })
  })
  await wire.send(ANN, direct, 'just between us')
  const [file] = await wire.uploaded(ANN, group, { name: 'annabel.txt', content: 'about Annabel Quist' })
  await wire.sendFiles(ANN, group, file ? [file] : [])
  await wire.uploaded(ANN, group, { name: 'waiting.txt', content: 'not sent' })
  const { message_id } = await wire.send(BEN, group, 'thanks @Annabel Quist, and @annabel! Annabelle stays')
  await wire.post(ANN, 'f_chat.add_reaction', { message_id, emoji: '👍' })
  await wire.post(CLEO, 'f_chat.add_reaction', { message_id, emoji: '🎉' })
  return { ...wire, group, direct, mentioning: message_id }
}

async function exported(site: Site, user: string): Promise<Body> {
  return await site.read(ADMIN, async (ctx): Promise<Body> => {
    let all = ''
    for await (const part of exportPersonalData(ctx, user)) all += part
    return JSON.parse(all)
  })
}

/** Everything that the site's tables hold. */
async function everything({ registry, database }: Site): Promise<string> {
  let all = ''
  for (const meta of registry.metas()) {
    if (!meta.isSingle && !meta.isVirtual) all += JSON.stringify(await database.reader(meta.table).select())
  }
  for (const table of ['__chat_search', 'tabSingles', '__Auth', 'tabSessions'])
    all += JSON.stringify(await database.reader(table).select())
  return all
}

await eachDatabase(t, 'a person’s data in the chat', async (t, db) => {
  await t.test('an export holds what is theirs, and nobody else’s words', async (t) => {
    const { site, group, direct, mentioning } = await world(await fileWire(t, db))
    const { apps, documents } = await exported(site, ANN)
    const chat = apps.f_chat
    t.equal(chat.messages.length, MANY + 2)
    t.match(chat.messages[0], {
      room: group,
      room_name: 'Room',
      message_type: 'Text',
      message_content: 'Annabel says 0',
      timestamp: /^\d{4}-/,
      attachments: [],
    })
    t.match(
      chat.messages.find(({ room }: Body) => room === direct),
      { message_content: 'just between us' },
    )
    t.match(chat.messages.at(-1).attachments, [{ file_name: 'annabel.txt', file_size: 19 }])
    t.match(chat.uploads, [{ room: group, file_name: 'waiting.txt' }])
    t.match(chat.reactions, [{ message: mentioning, room_name: 'Room', reaction_emoji: '👍' }])
    t.same(
      chat.mentions.map(({ message }: Body) => message),
      [mentioning, mentioning],
    )
    t.match(chat.rooms.map(({ room, role }: Body) => [room, role]).sort(), [
      [group, 'Admin'],
      [direct, 'Admin'],
    ])
    t.ok(documents['Chat User Activity'])
    t.notMatch(JSON.stringify(apps), /thanks|🎉/)
    t.same((await exported(site, CLEO)).apps.f_chat.messages, [])
  })

  await t.test('nothing in the site names whoever is erased; the rooms go on', async (t) => {
    const made = await world(await fileWire(t, db))
    const { site, group, direct, mentioning } = made
    const reader = site.database.reader
    const ben = new ModelClient()
    const socket = await made.page(BEN)
    ben.connect(socket)
    await ben.sync()
    const [annDevice, benDevice] = await Promise.all([openDevice(t, made, ANN), openDevice(t, made, BEN)])
    const started = await annDevice.call('initiate_call', { room_id: group })
    const call = started.message.data.call_session_id as string
    await benDevice.call('join_call', { call_session_id: call })
    await annDevice.call('heartbeat')
    const before = await reader('tabChat Room').where({ name: group }).first()

    t.equal(
      (await made.post(BEN, 'desk.personal_data.erase', { user: ANN, confirm: ANN })).status,
      403,
      'not by anybody',
    )
    const name = await erasePerson(site, ADMIN, ANN)

    t.equal((await annDevice.socket.closed).code, 4401)
    t.notMatch(await everything(site), TRACE)
    t.same(made.stored().private, [], 'no content of theirs is left')
    t.match(await made.counts(), { files: 0, waiting: 0, attached: 0 })
    t.equal((await presenceOf(site).shown([ANN])).size, 0)

    const mine = await reader('tabChat Message').where({ sender: name }).orderBy('seq')
    t.equal(mine.filter(({ is_deleted }) => is_deleted === 1).length, MANY + 2)
    t.ok(
      mine.every(
        ({ is_deleted, message_type, message_content }) =>
          (is_deleted === 1) === (message_type !== 'System') &&
          (is_deleted === 0 || message_content === 'This message was deleted'),
      ),
    )
    t.equal(mine[0]?.message_content, 'Deleted created Room')
    const other = await reader('tabChat Message').where({ name: mentioning }).first()
    t.equal(other.message_content, 'thanks @Deleted, and @Deleted! Annabelle stays')
    t.match(other, { is_deleted: 0, is_edited: 0, sender: BEN })
    t.same(await reader('tabChat Message Mention').pluck('user'), [])
    t.same(await reader('tabChat Message Reaction').pluck('user'), [CLEO])

    t.same(await reader('tabChat Room Member').where({ parent: group }).orderBy('idx').pluck('user'), [
      BEN,
      CLEO,
    ])
    t.match(await reader('tabChat Room Member').where({ parent: group, user: BEN }).first(), {
      role: 'Admin',
      is_admin: 1,
      idx: 1,
    })
    const room = await reader('tabChat Room').where({ name: group }).first()
    t.ok(Number(room.change_seq) > Number(before.change_seq) + MANY)
    t.match(room, { room_status: 'Active', created_by: name, last_seq: before.last_seq })
    t.match(await reader('tabChat Room').where({ name: direct }).first(), {
      member_left: 1,
      direct_key: [BEN, name].sort().join('\n'),
      room_name: 'Deleted, Ben',
    })
    const running = await callState(made, call)
    t.notMatch(JSON.stringify(running), TRACE)

    const hits = async (search_term: string): Promise<number> => {
      const found = await made.post(BEN, 'f_chat.search_messages', { room_id: group, search_term })
      return found.body.message.data.messages.length
    }
    t.equal(await hits('thanks'), 1, 'found by other words')
    t.equal(await hits('quist'), 0)
    const synced = await overSocket(socket, 'f_chat.sync', {
      rooms: Object.fromEntries([...ben.rooms].map(([id, { change_seq }]) => [id, change_seq])),
    })
    t.equal(synced.message.rooms[group].reset, true, 'clients start over')
    t.notMatch(JSON.stringify(synced.message), TRACE)
    await made.send(BEN, group, 'we go on')
    await t.rejects(made.send(BEN, direct, 'are you there?'), refusal(417))
    await t.rejects(
      site.call('f_chat.add_room_member', { room_id: group, user_id: name }, { user: BEN }),
      refusal(417),
      'whoever is erased is nobody to add',
    )
  })

  await t.test(
    'an erasure that breaks off locks them out, and goes on when it is asked for again',
    async (t) => {
      const made = await world(await fileWire(t, db))
      const { site, group } = made
      const mine = () =>
        site.database.reader('tabChat Message').where({ sender: ANN, is_deleted: 0, message_type: 'Text' })
      let writes = 0
      const run: ErasureRun = {
        site,
        read: (work) => site.read(ADMIN, work),
        write: (work) =>
          ++writes > 3 ? Promise.reject(new Error('the power fails')) : site.write(ADMIN, work),
      }
      await t.rejects(erasePersonFromChat({ user: ANN, names: [ANN, 'Annabel Quist'] }, run), /power/)
      t.ok((await mine()).length < MANY, 'some of it was done')
      t.ok((await mine()).length > 0, 'and some was not')
      await erasePerson(site, ADMIN, ANN)
      t.notMatch(await everything(site), TRACE)
      const seqs = await site.database
        .reader('tabChat Message')
        .where({ chat_room: group })
        .pluck<number[]>('change_seq')
      t.equal(new Set(seqs).size, seqs.length, 'every message has a change of its own')
    },
  )

  await t.test('the last Admin’s place goes to who can take it; an empty room is archived', async (t) => {
    const wire = await fileWire(t, db)
    const { site } = wire
    await wire.person(ANN, { ...NAMES, roles: [{ role: 'Chat User' }] })
    const alone = await wire.room(ANN)
    const ranked = await wire.room(ANN, [BEN, CLEO])
    await wire.post(ANN, 'f_chat.update_member_role', {
      room_id: ranked,
      user_id: CLEO,
      new_role: 'Moderator',
    })
    const muted = await wire.room(ANN, [BEN])
    await wire.post(ANN, 'f_chat.mute_unmute_member', { room_id: muted, user_id: BEN, is_muted: 1 })
    await erasePerson(site, ADMIN, ANN)
    const roles = async (parent: string): Promise<unknown[]> =>
      await site.database
        .reader('tabChat Room Member')
        .where({ parent })
        .orderBy('idx')
        .select('user', 'role', 'is_muted')
    t.match(await roles(ranked), [
      { user: BEN, role: 'Member' },
      { user: CLEO, role: 'Admin' },
    ])
    t.match(await roles(muted), [{ user: BEN, role: 'Admin', is_muted: 0 }])
    t.same(await roles(alone), [])
    t.match(await site.database.reader('tabChat Room').where({ name: alone }).first(), {
      room_status: 'Archived',
    })
  })
})
