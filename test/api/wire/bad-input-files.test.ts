import t from 'tap'
import { isClear, NOBODY_MEANS, noRooms, shown, tryBadInput, HUGE } from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire, UPLOAD, uploadForm } from '../../support/room-files.ts'
import { ANN, BEN, OUTSIDER } from '../../support/site.ts'

const SECRET = '/private/files/0123456789abcdef0123456789abcdef.txt'

await eachDatabase(t, 'bad input about files', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const others = await chat.room(OUTSIDER, [BEN])
  const [own, sent] = await chat.uploaded(
    ANN,
    room,
    ...['a.txt', 'b.txt'].map((name) => ({ name, content: 'x' })),
  )
  const [theirs] = await chat.uploaded(BEN, room, { name: 'c.txt', content: 'x' })
  const [elsewhere] = await chat.uploaded(OUTSIDER, others, { name: 'd.txt', content: 'x' })
  if (!own || !sent || !theirs || !elsewhere) throw new Error('no files')
  await chat.sendFiles(ANN, room, [sent])
  await chat.sendFiles(OUTSIDER, others, [elsewhere])
  const { file_url: url } = sent
  const noUrls = [
    ...NOBODY_MEANS,
    ...[theirs.file_url, elsewhere.file_url, SECRET, '/files/x.txt', 'https://example.com/x.txt'],
    ...[
      url.toUpperCase(),
      ` ${url}`,
      `${url} `,
      `${url}\0`,
      `${url}?fid=x`,
      `${url}/../x`,
      url.replace('private/', ''),
    ],
    ...['', null],
  ]
  const noAttachments = [
    ...NOBODY_MEANS.filter((value) => value !== '\u202e1000-RC'),
    ...noUrls.map((file_url) => [{ ...own, file_url }]),
    ...[
      [null],
      [own, null],
      [own, own],
      [[own]],
      Array(11).fill(own),
      { 0: own },
      [theirs],
      [elsewhere],
      [sent],
    ],
    ...[NaN, {}, [], 'long', HUGE, '1e999']
      .filter((value) => JSON.stringify(value) !== 'null')
      .map((duration) => [{ ...own, duration }]),
    ...[{}, 5, 'x', ['x'], [[1]], [null], Array(129).fill(1), '[1', HUGE].map((waveform) => [
      { ...own, waveform },
    ]),
  ]
  await tryBadInput(t, chat, [
    { method: 'f_chat.get_chat_file_preview', args: { file_url: url }, wrong: { file_url: noUrls } },
    {
      method: 'f_chat.send_message',
      args: { room_id: room, message_content: 'x', message_type: 'File', attachments: [own] },
      wrong: {
        attachments: noAttachments,
        message_type: ['Image', 'Voice', 'System', 'file', 0, [], {}, HUGE],
      },
    },
    { method: 'f_chat.upload_chat_file', args: { room_id: room }, wrong: { room_id: noRooms(room, others) } },
  ])

  await t.test('with a file', async (t) => {
    const before = [await chat.counts(), await chat.settled()]
    const ann = await chat.as(ANN)
    for (const wrong of noRooms(room, others)) {
      const name = typeof wrong === 'string' ? wrong : JSON.stringify(wrong)
      if (name.length > 100_000) continue
      for (const last of [false, true]) {
        const body = uploadForm(name, [{ name: 'x.txt', content: 'x' }], last)
        const { status, body: answer } = await ann.request('POST', UPLOAD, { body })
        isClear(
          t,
          { status, message: answer?.message },
          `${shown(wrong)}, ${last ? 'after' : 'before'} the file`,
        )
      }
    }
    t.same([await chat.counts(), await chat.settled()], before)
  })
  t.ok(await chat.sendFiles(ANN, room, [own]), 'after all that it can still be sent')
})
