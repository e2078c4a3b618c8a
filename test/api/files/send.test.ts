import t from 'tap'
import { getChatMessages } from '../../../api/messages.ts'
import type { UploadedFile } from '../../../doctypes/chat_upload/store.ts'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire, RECORDED, wave, type FileWire, type NamedContent } from '../../support/room-files.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'

const text = (name = 'note.txt'): NamedContent => ({ name, content: `of ${name}` })
const PNG = {
  name: 'dot.png',
  content: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}

/** Uploads one file for a message. */
async function one(chat: FileWire, user: string, room: string, file = text()): Promise<UploadedFile> {
  const [uploaded] = await chat.uploaded(user, room, file)
  if (!uploaded) throw new Error('no file')
  return uploaded
}

const SHOWN = [
  ...['file_name', 'file_url', 'file_type', 'file_size', 'thumbnail_url'],
  ...['width', 'height', 'duration', 'waveform'],
]

await eachDatabase(t, 'a message with files', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const files = await chat.uploaded(BEN, room, text('report.txt'), PNG)
  chat.published()
  const message = await chat.sendFiles(BEN, room, files, { message_content: ' \u200b\n' })
  const [event] = chat.published()
  t.match(event, { type: 'event', event: 'chat_new_message', message: { message_id: message, content: '' } })
  const shown = event?.type === 'event' ? (event.message as { attachments: object[] }).attachments : []
  t.same(
    shown,
    files.map((file) => Object.fromEntries(SHOWN.map((key) => [key, file[key as keyof UploadedFile]]))),
    'as they were stored, in their order',
  )
  const { messages } = await chat.call(ANN, getChatMessages, { room_id: room })
  t.match(messages[0], { name: message, message_type: 'File', message_content: '' })
  t.same(messages[0]?.attachments, shown, 'history tells the same as the event')
  const { body } = await chat.post(ANN, 'f_chat.sync', { rooms: { [room]: 1 } })
  t.same(body.message.rooms[room].messages[0].attachments, shown, 'and so does sync')
  t.match((await (await chat.as(ANN)).get(files[0]?.file_url ?? '')).text, 'of report.txt')
  t.same(await chat.counts(), { files: 3, waiting: 0, attached: 2 })

  const three = [1, 2, 3].map((i) => text(`${String(i)}.txt`))
  for (let i = 0; i < 20; i++) await chat.sendFiles(BEN, room, await chat.uploaded(BEN, room, ...three))
  const sent = await chat.statements(() => chat.call(ANN, getChatMessages, { room_id: room, page_size: 50 }))
  t.ok(sent.length <= 5, `${String(sent.length)} statements for a page of files`)

  const own = await chat.uploaded(BEN, room, text())
  const json = await chat.post(BEN, 'f_chat.send_message', {
    room_id: room,
    message_content: 'look',
    attachments: JSON.stringify(own),
  })
  t.match(json, {
    status: 200,
    body: { message: { data: { message_type: 'Text', message_content: 'look' } } },
  })
  const viaResource = await chat.post(BEN, 'frappe.client.insert', {
    doc: {
      doctype: 'Chat Message',
      chat_room: room,
      message_type: 'File',
      file_attachments: [{ ...(await one(chat, BEN, room)), file_name: 'forged', file_size: 1, width: 5 }],
    },
  })
  t.match(
    viaResource,
    {
      status: 200,
      body: { message: { file_attachments: [{ file_name: 'note.txt', file_size: 11, width: 0 }] } },
    },
    'nothing is taken from the client but which file',
  )
})

await eachDatabase(t, 'only what one has uploaded to the room, once', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN, CLEO])
  const other = await chat.room(BEN, [ANN])
  const refused = async (attachments: unknown, what: string, args = {}): Promise<void> => {
    const answer = await chat.post(BEN, 'f_chat.send_message', {
      room_id: room,
      message_content: 'x',
      message_type: 'File',
      attachments,
      ...args,
    })
    t.match(answer, { status: 417, body: { message: { error: { code: 'VALIDATION_ERROR' } } } }, what)
  }
  const own = await one(chat, BEN, room)
  const before = await chat.rows()
  const NOT_WAITING = await chat.post(BEN, 'f_chat.send_message', {
    room_id: room,
    message_content: 'x',
    attachments: [{ file_url: '/private/files/0123456789abcdef0123456789abcdef.txt' }],
  })
  for (const [what, attachments] of [
    ["another's", [await one(chat, ANN, room)]],
    ["another room's", [await one(chat, BEN, other)]],
    ['a sent one', [await sentFile()]],
  ] as const) {
    const answer = await chat.post(BEN, 'f_chat.send_message', {
      room_id: room,
      message_content: 'x',
      attachments,
    })
    t.equal(answer.text, NOT_WAITING.text, `${what} is like none`)
  }
  await refused([{ file_url: '/files/logo.png' }], 'a public file')
  await refused([{ file_url: 'https://example.com/a.png' }], 'elsewhere')
  await refused([{ file_url: 'javascript:alert(1)' }], 'a script')
  await refused([{ file_url: '../../site_config.json' }], 'a path')
  await refused([{ file_url: own.file_url.toUpperCase() }], 'another spelling')
  await refused([{ file_url: `${own.file_url} ` }], 'with a space')
  await refused([{ file_url: '' }], 'nothing')
  await refused([{ file_url: 'x'.repeat(100_000) }], 'huge')
  await refused([{ file_url: { $ne: null } }], 'an object')
  await refused([{ file_url: [own.file_url] }], 'a list')
  await refused([{ file_name: 'x' }], 'no URL')
  await refused([own, own], 'twice')
  await refused([own, { file_url: '/private/files/x.txt' }], 'one of two')
  await refused(
    Array.from({ length: 11 }, () => own),
    'eleven',
  )
  await refused([own.file_url], 'a text')
  await refused('not json', 'no JSON')
  await refused('{}', 'no list')
  await refused([{ ...own, waveform: 'loud' }], 'a waveform in words')
  await refused([{ ...own, waveform: [1, 'x'] }], 'a waveform with words')
  await refused([{ ...own, waveform: Array.from({ length: 129 }, () => 1) }], 'too long a waveform')
  await refused([{ ...own, duration: {} }], 'no duration')
  await refused([{ ...own, duration: 'NaN' }], 'not a number')
  await refused([], 'a File without one', {})
  await refused([own], 'Image', { message_type: 'Image' })
  await refused([own], 'Voice', { message_type: 'Voice' })
  await refused([own], 'System', { message_type: 'System' })
  await refused([own], 'too long a text', { message_content: 'x'.repeat(4001) })
  t.same({ ...(await chat.rows()), 'Chat Message': 0 }, { ...before, 'Chat Message': 0 })
  const outside = await chat.post(OUTSIDER, 'f_chat.send_message', {
    room_id: room,
    message_content: 'x',
    attachments: [own],
  })
  t.match(outside, { status: 404 })
  await chat.site.asAdministrator(({ db }) =>
    db('tabChat Room').where({ name: room }).update({ allow_file_sharing: 0 }),
  )
  t.match(
    await chat.post(BEN, 'f_chat.send_message', { room_id: room, message_content: 'x', attachments: [own] }),
    { status: 403, text: /takes no files/ },
  )
  await chat.site.asAdministrator(({ db }) =>
    db('tabChat Room').where({ name: room }).update({ allow_file_sharing: 1 }),
  )
  t.ok(await chat.sendFiles(BEN, room, [own]), 'after all that it can still be sent')

  async function sentFile(): Promise<UploadedFile> {
    const file = await one(chat, BEN, room)
    await chat.sendFiles(BEN, room, [file])
    return file
  }
})

await eachDatabase(t, 'pictures and recordings', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const attachmentOf = async (message: string): Promise<Record<string, unknown> | undefined> => {
    const { messages } = await chat.call(ANN, getChatMessages, { room_id: room })
    return { ...messages.find(({ name }) => name === message)?.attachments[0] }
  }
  const two = await chat.uploaded(BEN, room, PNG, { ...PNG, name: 'two.png' })
  t.ok(await chat.sendFiles(BEN, room, two, { message_type: 'Image' }))

  const webm = await one(chat, BEN, room, { name: 'voice.webm', content: RECORDED.webm() })
  t.match(webm, { file_type: 'audio/webm', is_audio: true, duration: null, waveform: null })
  const said = { ...webm, duration: 0.8004, waveform: [-5, 0, 49.6, 250] }
  const voice = await chat.sendFiles(BEN, room, [said], { message_type: 'Voice' })
  t.match(await attachmentOf(voice), { duration: 0.8, waveform: [0, 0, 50, 100], file_type: 'audio/webm' })

  const mp4 = await one(chat, BEN, room, { name: 'voice.m4a', content: RECORDED.mp4() })
  t.match(mp4, { file_type: 'audio/mp4', is_audio: true })
  const timed = { ...mp4, duration: '2.5', waveform: '[1,2]' }
  t.match(await attachmentOf(await chat.sendFiles(BEN, room, [timed], { message_type: 'Voice' })), {
    duration: 2.5,
    waveform: [1, 2],
  })

  const wav = await one(chat, BEN, room, {
    name: 'voice.wav',
    content: wave(2, (second) => (second < 1 ? 0.2 : 1)),
  })
  t.match(wav, { is_audio: true, duration: 2 })
  t.equal(wav.waveform?.length, 64)
  const forged = { ...wav, duration: 9, waveform: [100] }
  const measured = await attachmentOf(await chat.sendFiles(BEN, room, [forged], { message_type: 'Voice' }))
  t.match(measured, { duration: 2, waveform: wav.waveform }, 'what the server measured stands')

  const video = await one(chat, BEN, room, { name: 'clip.webm', content: RECORDED.video() })
  t.match(video, { file_type: 'video/webm', is_audio: false, width: 64, height: 48 })
  const refused = await chat.post(BEN, 'f_chat.send_message', {
    room_id: room,
    message_content: '',
    message_type: 'Voice',
    attachments: [video],
  })
  t.match(refused, { status: 417, text: /recording of sound/ })
  const pair = await chat.uploaded(
    BEN,
    room,
    { name: 'a.wav', content: wave(1) },
    { name: 'b.wav', content: wave(1) },
  )
  t.match(
    await chat.post(BEN, 'f_chat.send_message', {
      room_id: room,
      message_content: '',
      message_type: 'Voice',
      attachments: pair,
    }),
    { status: 417, text: /one recording/ },
  )
  const note = { ...(await one(chat, BEN, room)), duration: 5, waveform: [5] }
  t.match(
    await attachmentOf(await chat.sendFiles(BEN, room, [note])),
    { duration: null, waveform: null },
    'a text has no length',
  )
})

await eachDatabase(t, 'at once', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  for (let round = 0; round < 5; round++) {
    const file = await one(chat, BEN, room)
    const before = await chat.counts()
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        chat.post(BEN, 'f_chat.send_message', {
          room_id: room,
          message_content: '',
          message_type: 'File',
          attachments: [file],
        }),
      ),
    )
    t.same(answers.map(({ status }) => status).sort(), [200, 417, 417, 417], 'one message has it')
    t.same(await chat.counts(), { ...before, waiting: before.waiting - 1, attached: before.attached + 1 })
  }
  const file = await one(chat, BEN, room)
  const send = () =>
    chat.post(BEN, 'f_chat.send_message', {
      room_id: room,
      message_content: '',
      message_type: 'File',
      attachments: [file],
      client_id: 'once',
    })
  const retried = await Promise.all([send(), send(), send()])
  t.equal(
    new Set(retried.map(({ body }) => body.message.data.message_id)).size,
    1,
    'a retry is the same message',
  )
  const { messages } = await chat.call(ANN, getChatMessages, { room_id: room, page_size: 100 })
  t.same(
    messages.map(({ seq }) => seq),
    Array.from({ length: messages.length }, (_, i) => messages.length - i),
    'refusals leave no gap',
  )
})
