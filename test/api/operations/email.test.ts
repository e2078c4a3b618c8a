import t from 'tap'
import { getAvailableEmailRecipients, sendFileViaEmail, sendMessageViaEmail } from '../../../api/email.ts'
import type { SentMessage } from '../../../doctypes/chat_message/post.ts'
import { eachDatabase } from '../../support/databases.ts'
import { QUICK, until } from '../../support/jobs.ts'
import { ANN, BEN, CLEO, chatSite, OUTSIDER, refusal, type ChatSite } from '../../support/site.ts'
import { smtpServer, type Received, type SmtpLab } from '../../support/smtp.ts'

const BAIT = `"><img src=x onerror=alert(1)> </p><script>x</script> & 'a'`

interface MailSite extends ChatSite {
  smtp: SmtpLab
  /** The next mail that comes in. */
  mail: () => Promise<Received>
  /** A file that a message of the room shows. */
  withFile: (message: SentMessage, name: string, content: Uint8Array) => Promise<string>
}

const mailSite = async (...[test, db]: Parameters<typeof chatSite>): Promise<MailSite> => {
  const smtp = await smtpServer(test)
  const chat = await chatSite(test, db, {
    config: { jobs: QUICK, mail: { host: '127.0.0.1', port: smtp.port, from: 'Desk <desk@test.example>' } },
    path: test.testdir({}),
  })
  chat.site.start()
  return {
    ...chat,
    smtp,
    async mail() {
      await until(() => smtp.received.length > 0, { what: 'a mail' })
      const [received] = smtp.received.splice(0, 1)
      if (!received) throw new Error('no mail')
      return received
    },
    withFile: (message, name, content) =>
      chat.site.write({ user: message.sender }, async (ctx) => {
        const file = await ctx.saveFile({
          name,
          content,
          attachedTo: { doctype: 'Chat Room', name: message.room_id },
        })
        const url = file.text('file_url')
        await ctx.db('tabChat Message Attachment').insert({
          name: `${message.message_id}-${name}`,
          parent: message.message_id,
          parenttype: 'Chat Message',
          parentfield: 'file_attachments',
          file_name: name,
          file_url: url,
          file_size: content.length,
        })
        return url
      }),
  }
}

const settings = (site: ChatSite['site'], values: Record<string, unknown>): Promise<void> =>
  site.asAdministrator(async (ctx) => {
    const doc = await ctx.getDoc('Chat Settings', 'Chat Settings')
    Object.assign(doc, values)
    await doc.save()
  })

await eachDatabase(t, 'mail from a room', async (t, db) => {
  const chat = await mailSite(t, db)
  const { site, call, room: makeRoom, send, mail, smtp, withFile } = chat
  const room = await makeRoom(ANN, [BEN, CLEO])
  const { message_id } = await send(BEN, room, 'Hello\nworld 🚀')

  await t.test('goes to the other members, who do not read of each other', async (t) => {
    const sent = await call(ANN, sendMessageViaEmail, { message_id })
    t.same(sent, { recipients_count: 2, recipients: [BEN, CLEO] })
    const { to, mail: got, raw } = await mail()
    t.same(to, [BEN, CLEO])
    t.notMatch(raw, /cleo@|ben@/, 'nobody is named')
    t.match(got, {
      subject: 'Ann shared a message from Room',
      replyTo: { value: [{ address: ANN, name: 'Ann' }] },
    })
    t.match(
      got.text,
      /Ann sends you this from Room\.\n\nBen, \d{4}-\d\d-\d\d \d\d:\d\d:\n\n> Hello\n> world 🚀/,
    )
    t.match(got.html, /<p>Hello<br>\nworld 🚀<\/p>/)
    t.same(got.attachments, [])
    const [queued] = await site.database.reader('tabEmail Queue').select<{ text_content: string | null }[]>()
    t.equal(queued?.text_content, null, 'and who reads the queue does not read it')
  })

  await t.test('goes to whom it is sent by name, each once', async (t) => {
    const recipients = [CLEO.toUpperCase(), ` ${CLEO}`, OUTSIDER]
    const sent = await call(ANN, sendMessageViaEmail, {
      message_id,
      recipients,
      subject: 'Größe 🚀',
      additional_message: 'Look:\n\nhere',
    })
    t.same(sent.recipients, [CLEO, OUTSIDER])
    const { to, mail: got } = await mail()
    t.same(to, [CLEO, OUTSIDER])
    t.equal(got.subject, 'Größe 🚀')
    t.match(got.text, /Look:\n\nhere/)
    await call(ANN, sendMessageViaEmail, { message_id, recipients: [CLEO] })
    t.match((await mail()).mail.to, { text: CLEO }, 'one recipient is named')
  })

  await t.test('addresses of others only in the domains that are allowed', async (t) => {
    const outside = ['eve@partner.example', 'EVE@Partner.Example']
    const ask = (recipients: string[]): Promise<unknown> =>
      call(ANN, sendMessageViaEmail, { message_id, recipients })
    const before = await site.database.reader('tabEmail Queue').count({ n: '*' })
    await t.rejects(ask([CLEO, ...outside]), refusal(417, /eve@partner\.example/))
    await t.rejects(
      ask(['nobody', BAIT, 'a@b@test.example', `${CLEO}\r\nBcc: x@y.example`, 'Guest']),
      refusal(417, /nobody, .*Guest/s),
    )
    await t.rejects(ask([]), refusal(417, /at least one/))
    await t.rejects(settings(site, { allowed_email_domains: 'partner.example, a@b.c' }), /not a domain/)
    await settings(site, { allowed_email_domains: '@Partner.Example\nbücher.example' })
    t.same(await site.database.reader('tabEmail Queue').count({ n: '*' }), before, 'nothing was sent')
    await ask(outside)
    t.same((await mail()).to, ['eve@partner.example'])
    t.match(await ask(['x@bücher.example']), { recipients: ['x@xn--bcher-kva.example'] })
    await mail()
    await t.rejects(ask(['eve@sub.partner.example']), refusal(417))
    await t.rejects(ask(['eve@notpartner.example']), refusal(417))
    await site.asAdministrator((ctx) =>
      ctx.insert('User', { email: 'gone@partner.example', first_name: 'Gone', enabled: 0 }),
    )
    await t.rejects(ask(['gone@partner.example']), refusal(417), 'nor to users who are disabled')
    await t.rejects(
      ask(Array.from({ length: 101 }, (_, i) => `u${String(i)}@partner.example`)),
      refusal(417, /100/),
    )
  })

  await t.test('what people typed is text, in every place', async (t) => {
    const named = await makeRoom(ANN, [BEN])
    await site.asAdministrator(async (ctx) => {
      await ctx.db('tabChat Room').where({ name: named }).update({ room_name: BAIT })
      await ctx.setValue('User', CLEO, { full_name: BAIT })
      await ctx.db('tabChat Room Member').where({ parent: named, user: BEN }).update({ user: CLEO })
    })
    const message = await send(CLEO, named, BAIT)
    await withFile(message, `a ${BAIT.replaceAll('/', '')}.txt`, Buffer.from('file'))
    const asked = { message_id: message.message_id, recipients: [BEN], additional_message: BAIT }
    await call(CLEO, sendMessageViaEmail, asked)
    const { mail: got, raw } = await mail()
    const html = String(got.html)
    t.notMatch(html, /<(img|script)|onerror=alert\(1\)>/)
    const shown = html.replaceAll(/<[^>]*>/g, '')
    t.equal(shown.split('&quot;&gt;&lt;img').length - 1, 6, 'name, room, note, author, text, file')
    t.match(got.text, `${BAIT}\n\n`)
    t.match(got.subject, BAIT)
    t.equal(got.from?.value.length, 1)
    t.notMatch(raw, /^(Bcc|X-)/im)
    t.equal(got.replyTo?.value[0]?.address, CLEO)
    await site.asAdministrator((ctx) => ctx.setValue('User', CLEO, { full_name: 'Cleo' }))
  })

  await t.test('headers cannot be added', async (t) => {
    for (const subject of ['a\r\nBcc: x@y.example', 'a\nb', 'a\u2028b', 'a\0b']) {
      await t.rejects(call(ANN, sendMessageViaEmail, { message_id, subject }), refusal(417, /one line/))
    }
    await site.asAdministrator((ctx) =>
      ctx.db('tabChat Room').where({ name: room }).update({ room_name: 'A\r\nBcc: x@y.example' }),
    )
    await call(ANN, sendMessageViaEmail, { message_id })
    t.equal((await mail()).mail.subject, 'Ann shared a message from A Bcc: x@y.example')
    await site.asAdministrator((ctx) =>
      ctx.db('tabChat Room').where({ name: room }).update({ room_name: 'Room' }),
    )
  })

  await t.test('files go along, within what a mail holds', async (t) => {
    const message = await send(BEN, room, 'files')
    const bytes = new Uint8Array([0, 255, 10, 13])
    const url = await withFile(message, 'bytes.bin', bytes)
    await withFile(message, 'Übersicht.txt', Buffer.from('Inhalt ä'))
    await call(ANN, sendMessageViaEmail, { message_id: message.message_id })
    const { mail: got } = await mail()
    t.same(got.attachments.map(({ filename }) => filename).sort(), ['bytes.bin', 'Übersicht.txt'])
    t.same([...(got.attachments.find(({ filename }) => filename === 'bytes.bin')?.content ?? [])], [...bytes])
    t.match(got.html, /<li>bytes\.bin<\/li>/)

    const file = { room_id: room, file_url: url, file_name: '../../x.exe' }
    await call(ANN, sendFileViaEmail, { ...file, recipients: [CLEO], message_content: 'Here <b>' })
    const only = (await mail()).mail
    t.match(only, { subject: 'Ann shared a file from Room', html: /Here &lt;b&gt;/ })
    t.same(
      only.attachments.map(({ filename }) => filename),
      ['bytes.bin'],
      'under its own name',
    )

    const other = await makeRoom(ANN, [BEN])
    await t.rejects(call(ANN, sendFileViaEmail, { ...file, room_id: other }), refusal(404))
    for (const file_url of [
      '/private/files/none.bin',
      url.toUpperCase(),
      `${url} `,
      '/files/../x',
      'http://x.example/',
    ])
      await t.rejects(
        call(ANN, sendFileViaEmail, { ...file, file_url }),
        refusal(404, /^File .* not found\.$/),
      )
    await site.asAdministrator((ctx) =>
      ctx.db('tabFile').where({ file_url: url }).update({ attached_to_name: other }),
    )
    await t.rejects(call(ANN, sendFileViaEmail, file), refusal(417, /not there any more/))

    const large = await send(BEN, room, 'large')
    for (const name of ['a.bin', 'b.bin'])
      await withFile(large, name, new Uint8Array(5 * 1024 * 1024).fill(1))
    await t.rejects(
      call(ANN, sendMessageViaEmail, { message_id: large.message_id }),
      refusal(417, /10 MB .* 9 MB/),
    )
  })

  await t.test('who may', async (t) => {
    await t.rejects(call(OUTSIDER, sendMessageViaEmail, { message_id }), refusal(404, /^Chat Message/))
    await t.rejects(call('Administrator', sendMessageViaEmail, { message_id }), refusal(404))
    await t.rejects(
      call(OUTSIDER, sendFileViaEmail, { room_id: room, file_url: '/x', file_name: 'x' }),
      refusal(404, /^Chat Room/),
    )
    await t.rejects(call(OUTSIDER, getAvailableEmailRecipients, { room_id: room }), refusal(404))
    await site.asAdministrator((ctx) =>
      ctx.db('tabChat Room Member').where({ parent: room, user: BEN }).update({ is_muted: 1 }),
    )
    await t.rejects(call(BEN, sendMessageViaEmail, { message_id }), refusal(403, /muted/))
    const gone = await send(ANN, room, 'gone')
    await site.write({ user: ANN }, async (ctx) => {
      const doc = await ctx.getDoc('Chat Message', gone.message_id)
      await doc.delete()
    })
    await t.rejects(call(ANN, sendMessageViaEmail, { message_id: gone.message_id }), refusal(417, /deleted/))
  })

  await t.test('who can be reached', async (t) => {
    await site.asAdministrator(async (ctx) => {
      await ctx.db('tabUser').where({ name: BEN }).update({ email: null })
    })
    const { recipients, total_count } = await call(ANN, getAvailableEmailRecipients, { room_id: room })
    t.same(recipients, [
      { user: ANN, full_name: 'Ann', email: ANN, user_image: null, is_current_user: true },
      { user: CLEO, full_name: 'Cleo', email: CLEO, user_image: null, is_current_user: false },
    ])
    t.equal(total_count, 2)
    const small = await chat.statements(() => call(ANN, getAvailableEmailRecipients, { room_id: room }))
    t.equal(small.length, 2)
    const alone = await makeRoom(ANN, [BEN])
    const message = await send(ANN, alone, 'x')
    await t.rejects(
      call(ANN, sendMessageViaEmail, { message_id: message.message_id }),
      refusal(417, /Nobody else/),
    )
  })

  await t.test('not more than an hour’s worth', async (t) => {
    await settings(site, { allowed_email_domains: 'partner.example' })
    const { message_id: many } = await send(CLEO, room, 'many')
    const recipients = Array.from({ length: 100 }, (_, i) => `u${String(i)}@partner.example`)
    const ask = (): Promise<unknown> => call(CLEO, sendMessageViaEmail, { message_id: many, recipients })
    let sent = 0
    const error = await (async () => {
      for (;;) {
        await ask()
        sent += 1
      }
    })().catch((reason: unknown) => reason as { status: number; retryAfter: number; code: string })
    t.match([sent, error.status, error.code], [2, 429, 'RATE_LIMITED'], 'one was used before')
    t.ok(error.retryAfter > 3000)
    await call(CLEO, sendMessageViaEmail, { message_id: many, recipients: [ANN] })
    t.pass('what was refused is not counted')
  })
  smtp.received.splice(0)
})
