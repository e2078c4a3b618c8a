import sharp from 'sharp'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire } from '../../support/room-files.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'

await eachDatabase(t, 'a broadcast with files', async (t, db) => {
  const chat = await fileWire(t, db)
  const { site, room: makeRoom, uploaded, post, as, counts } = chat
  const [one, two, closed] = [await makeRoom(ANN, [BEN]), await makeRoom(ANN, [CLEO]), await makeRoom(ANN)]
  await site.asAdministrator((ctx) =>
    ctx.db('tabChat Room').where({ name: closed }).update({ allow_file_sharing: 0 }),
  )
  const send = (args: object, user = ANN) =>
    post(user, 'f_chat.send_broadcast_message', {
      room_ids: [one, two, closed],
      message_content: 'See',
      client_id: 'once',
      ...args,
    })
  const latest = async (user: string, room: string) =>
    (await (await as(user)).get(`/api/method/f_chat.get_chat_messages?room_id=${room}&page_size=1`)).body
      .message.data.messages[0]

  const picture = await sharp({ create: { width: 600, height: 400, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const attachments = await uploaded(
    ANN,
    one,
    { name: 'plan.txt', content: 'The plan' },
    { name: 'shot.png', content: picture },
  )

  await t.test('gives each room its own, which its members read and nobody else', async (t) => {
    const { status, body } = await send({ attachments })
    t.equal(status, 200)
    t.match(body.message.data, {
      success_count: 2,
      failed_broadcasts: [{ room_id: closed, error: /takes no files/ }],
    })
    const [first, second] = [await latest(BEN, one), await latest(CLEO, two)]
    t.match(first, {
      message_type: 'Broadcast',
      attachments: [{ file_name: 'plan.txt' }, { file_name: 'shot.png', width: 600 }],
    })
    t.equal(first.attachments[0].file_url, attachments[0]?.file_url)
    const shape = ({ file_name, file_type, file_size, width, height }: Record<string, unknown>) => ({
      ...{ file_name, file_type, file_size, width, height },
    })
    t.same(second.attachments.map(shape), first.attachments.map(shape))
    for (const [i, attachment] of second.attachments.entries()) {
      t.not(attachment.file_url, first.attachments[i].file_url)
      const urls = [attachment.file_url, attachment.thumbnail_url].filter(Boolean)
      for (const url of urls) {
        t.equal((await (await as(CLEO)).get(url)).status, 200)
        for (const user of [BEN, OUTSIDER]) t.equal((await (await as(user)).get(url)).status, 404)
      }
    }
    t.equal((await (await as(CLEO)).get(second.attachments[0].file_url)).text, 'The plan')
    t.same(await counts(), { files: 6, waiting: 0, attached: 4 })
  })

  await t.test('a retry is the same broadcast', async (t) => {
    const { body } = await send({ attachments })
    t.match(body.message.data, { success_count: 2, failure_count: 1 })
    t.equal((await latest(BEN, one)).name, body.message.data.successful_broadcasts[0].message_id)
    t.same(await counts(), { files: 6, waiting: 0, attached: 4 })
  })

  await t.test('takes uploads of the caller’s that wait in one of the rooms', async (t) => {
    const elsewhere = await makeRoom(ANN)
    const [there] = await uploaded(ANN, elsewhere, { name: 'x.txt', content: 'x' })
    const [bens] = await uploaded(BEN, one, { name: 'x.txt', content: 'x' })
    for (const attachment of [there, bens, attachments[0], { file_url: '/private/files/none' }]) {
      const { body } = await send({ attachments: [attachment], client_id: null, room_ids: [one, two] })
      t.match(body.message.data, {
        success_count: 0,
        failed_broadcasts: [{ error: /Upload the file again/ }, { error: /Upload the file again/ }],
      })
    }
    for (const wrong of [
      [{}],
      [{ file_url: 1 }],
      [bens, bens],
      Array.from({ length: 11 }, (_, i) => ({ file_url: `/f${String(i)}` })),
    ])
      t.equal((await send({ attachments: wrong })).status, 417)
    const large = await uploaded(ANN, one, {
      name: 'large.bin',
      content: Buffer.alloc(9 * 1024 * 1024, 'large file '),
    })
    const many = Array.from({ length: 40 }, (_, i) => `CR-8${String(i)}`)
    t.match((await send({ attachments: large, room_ids: [one, ...many] })).body.message.error, {
      message: /too much at once/,
    })
  })
})
