import t from 'tap'
import { clearRoomFiles } from '../../../jobs/room-files.ts'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire, type FileWire, type NamedContent } from '../../support/room-files.ts'
import { ANN, BEN } from '../../support/site.ts'

const note = (name = 'note.txt'): NamedContent => ({ name, content: `of ${name}` })
const PICTURE = {
  name: 'dot.png',
  content: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}

/** Runs a job as the site's workers do. */
async function run(chat: FileWire, job: typeof clearRoomFiles): Promise<void> {
  const { site } = chat
  await job.run(
    {},
    {
      site,
      attempt: 1,
      signal: new AbortController().signal,
      read: (work) => site.read({ user: 'Administrator' }, work),
      write: (work) => site.write({ user: 'Administrator' }, work),
    },
  )
}

/** Everything that there is becomes this old. */
const age = (chat: FileWire, hours: number): Promise<void> =>
  chat.site.asAdministrator(async ({ db }) => {
    const at = chat.site.clock.at(Date.now() - hours * 3_600_000)
    for (const table of ['tabFile', 'tabChat Upload']) await db(table).update({ creation: at })
  })

await eachDatabase(t, 'files go with the message that showed them', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const kept = await chat.uploaded(BEN, room, note('kept.txt'))
  await chat.sendFiles(BEN, room, kept)
  const before = [await chat.counts(), await chat.settled()]
  const gone = await chat.uploaded(BEN, room, note('gone.txt'), PICTURE)
  const message = await chat.sendFiles(BEN, room, gone)
  t.equal((await chat.settled()).private.length, 4, 'two files and a thumbnail more')
  t.match(await chat.post(ANN, 'f_chat.delete_message', { message_id: message }), { status: 200 })
  t.same([await chat.counts(), await chat.settled()], before)
  const ben = await chat.as(BEN)
  for (const url of gone.flatMap(({ file_url, thumbnail_url }) => [file_url, thumbnail_url ?? file_url]))
    t.match(await ben.get(url), { status: 404 })
  t.match(await ben.get(kept[0]?.file_url ?? ''), { status: 200 })
  const [row] = await chat.site.database
    .reader('tabChat Message Attachment')
    .where({ parent: message })
    .count({ n: '*' })
  t.equal(Number(row?.n), 0)
})

await eachDatabase(t, 'a file that something else shows stays', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const [file] = await chat.uploaded(BEN, room, PICTURE)
  if (!file) throw new Error('no file')
  const first = await chat.sendFiles(BEN, room, [file])
  const second = (await chat.send(BEN, room, 'again')).message_id
  // As broadcasts and imported chats have it: one file in two messages, and another document that has the same.
  const at = chat.site.clock.now()
  const standard = { owner: BEN, modified_by: BEN, creation: at, modified: at }
  await chat.site.asAdministrator(async ({ db }) => {
    const row = await db('tabChat Message Attachment')
      .where({ parent: first })
      .first<Record<string, unknown>>()
    await db('tabChat Message Attachment').insert({ ...row, name: 'copy', parent: second })
    await db('tabFile').insert({
      ...standard,
      name: 'elsewhere',
      file_name: 'x.png',
      file_url: file.file_url,
      is_private: 1,
      attached_to_doctype: 'User',
      attached_to_name: BEN,
    })
  })
  const ann = await chat.as(ANN)
  await chat.post(BEN, 'f_chat.delete_message', { message_id: first })
  t.match(await ann.get(file.file_url), { status: 200 }, 'the other message shows it')
  await age(chat, 48)
  await run(chat, clearRoomFiles)
  t.match(await ann.get(file.file_url), { status: 200 })
  await chat.post(BEN, 'f_chat.delete_message', { message_id: second })
  t.match(await ann.get(file.file_url), { status: 404 })
  t.match(await ann.get(file.thumbnail_url ?? ''), { status: 404 })
  t.equal(await chat.site.read({ user: BEN }, (ctx) => ctx.exists('File', 'elsewhere')), true)
  t.same((await chat.settled()).private, [file.unique_filename], 'its content is the other document’s')
  t.match(await (await chat.as(BEN)).get(file.file_url), { status: 200 })
})

await eachDatabase(t, 'at two in the morning', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const [sent, waiting, orphan] = await chat.uploaded(
    BEN,
    room,
    PICTURE,
    { ...PICTURE, name: 'b.png' },
    note('c.txt'),
  )
  if (!sent || !waiting || !orphan) throw new Error('no files')
  await chat.sendFiles(BEN, room, [sent])
  await chat.site.asAdministrator(({ db }) =>
    db('tabChat Upload').where({ file_url: orphan.file_url }).delete(),
  )
  await run(chat, clearRoomFiles)
  t.match(await chat.counts(), { files: 5, waiting: 1, attached: 1 }, 'what is younger than a day may wait')
  await age(chat, 23)
  await run(chat, clearRoomFiles)
  t.match(await chat.counts(), { files: 5, waiting: 1, attached: 1 })
  await age(chat, 25)
  await run(chat, clearRoomFiles)
  t.match(await chat.counts(), { files: 2, waiting: 0, attached: 1 })
  t.same(
    (await chat.settled()).private,
    [sent.unique_filename, sent.thumbnail_url?.split('/').pop()].toSorted(),
  )
  t.match(
    await chat.post(BEN, 'f_chat.send_message', {
      room_id: room,
      message_content: 'x',
      attachments: [waiting],
    }),
    {
      status: 417,
    },
  )
  const scheduled = await chat.site.database
    .reader('tabScheduled Job Type')
    .where({ method: clearRoomFiles.name })
    .first<{ cron_format: string }>('cron_format')
  t.equal(scheduled.cron_format, '0 2 * * *')
})

await eachDatabase(t, 'many of them, and one that is sent just then', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const uploads = []
  for (let i = 0; i < 13; i++)
    uploads.push(
      ...(await chat.uploaded(
        BEN,
        room,
        ...Array.from({ length: 9 }, (_, j) => note(`${String(i)}-${String(j)}.txt`)),
      )),
    )
  await age(chat, 48)
  const last = uploads.slice(-5)
  const [, ...answers] = await Promise.all([
    run(chat, clearRoomFiles),
    ...last.map((file) =>
      chat.post(BEN, 'f_chat.send_message', {
        room_id: room,
        message_content: '',
        message_type: 'File',
        attachments: [file],
      }),
    ),
  ])
  const sent = answers.filter(({ status }) => status === 200).length
  t.ok(answers.every(({ status }) => status === 200 || status === 417))
  t.same(await chat.counts(), { files: sent, waiting: 0, attached: sent })
  t.equal((await chat.settled()).private.length, sent)
})

await eachDatabase(t, 'sending and deleting at once, while the room is cleaned', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const problems: string[] = []
  const life = async (user: string): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      const files = await chat.uploaded(user, room, note(), PICTURE)
      const message_id = await chat.sendFiles(user, room, files)
      const { status, text } = await chat.post(ANN, 'f_chat.delete_message', { message_id })
      if (status !== 200) problems.push(text)
    }
  }
  await Promise.all([
    ...Array.from({ length: 8 }, (_, i) => life(i % 2 ? ANN : BEN)),
    run(chat, clearRoomFiles),
    run(chat, clearRoomFiles),
  ])
  t.same(problems, [])
  t.same(await chat.counts(), { files: 0, waiting: 0, attached: 0 })
  t.same((await chat.settled()).private, [])
})
