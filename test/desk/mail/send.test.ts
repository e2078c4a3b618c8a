import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t, { type Test } from 'tap'
import type { MailConfig } from '../../../desk/mail/config.ts'
import type { Mail } from '../../../desk/mail/compose.ts'
import { beginSending, giveUpMail } from '../../../desk/mail/email-queue.ts'
import { sendWaitingMail } from '../../../desk/jobs/send-mail.ts'
import type { Site } from '../../../desk/site/site.ts'
import { eachDatabase, type TestDatabase } from '../../support/databases.ts'
import { addUser, labSiteOn, refusal } from '../../support/fixtures-app.ts'
import { QUICK, until } from '../../support/jobs.ts'
import { freePort, smtpServer, type SmtpOptions } from '../../support/smtp.ts'

t.setTimeout(240_000)
const admin = { user: 'Administrator' }

async function mailSite(
  t: Test,
  db: TestDatabase,
  mail: Partial<MailConfig> | null,
  config = {},
): Promise<Site> {
  const from = 'Lab <lab@test.example>'
  const settings = mail && { mail: { host: '127.0.0.1', from, ...mail } }
  const site = await labSiteOn(t, await db.open(), {}, { config: { jobs: QUICK, ...settings, ...config } })
  site.start()
  return site
}

const send = (site: Site, mail: Partial<Mail>): Promise<string> =>
  site.write(admin, (ctx) =>
    ctx.sendMail({ to: 'ann@test.example', subject: 'Hello', text: 'Text', ...mail }),
  )

interface Row {
  status: string
  error: string | null
  retry: number
  people: Record<string, string>
}

async function row(site: Site, name: string): Promise<Row> {
  return await site.read(admin, async (ctx) => {
    const doc = await ctx.getDoc('Email Queue', name)
    const people = doc.children('recipients').map((one) => [one.text('recipient'), one.text('status')])
    return {
      status: doc.text('status'),
      error: doc.get('error') as string | null,
      retry: Number(doc.get('retry')),
      people: Object.fromEntries(people) as Record<string, string>,
    }
  })
}

const mailIs = (site: Site, name: string, status: string): Promise<Row> =>
  until(
    async () => {
      const state = await row(site, name)
      return state.status === status ? state : undefined
    },
    { what: `mail to be ${status}` },
  )

void eachDatabase(t, 'mail goes out with all that belongs to it', async (t, db) => {
  const smtp = await smtpServer(t)
  const site = await mailSite(t, db, { port: smtp.port })
  const name = await send(site, {
    to: ['Änn Ünicode <ann@test.example>', 'ben@test.example'],
    cc: 'cleo@test.example',
    bcc: ['dora@test.example', 'ANN@test.example'],
    subject: 'Größe 🚀 und sehr lang '.repeat(10).trim(),
    text: 'Eins <b>nicht fett</b> & "so"\n\nZwei 🚀',
    replyTo: 'Desk <desk@test.example>',
    attachments: [
      { filename: 'Übersicht.txt', content: 'Inhalt ä' },
      { filename: 'bytes.bin', content: new Uint8Array([0, 255, 10, 13]), contentType: 'application/x-lab' },
    ],
    reference: { doctype: 'User', name: 'Administrator' },
  })
  const { retry, people } = await mailIs(site, name, 'Sent')
  t.equal(retry, 1)
  t.same(Object.keys(people).length, 4, 'each address once')
  t.ok(Object.values(people).every((status) => status === 'Sent'))
  t.equal(smtp.received.length, 1, 'one message for all')
  const [got] = smtp.received
  t.same(got?.to, ['ann@test.example', 'ben@test.example', 'cleo@test.example', 'dora@test.example'])
  t.equal(got?.from, 'lab@test.example')
  t.notMatch(got?.raw, /dora/, 'nobody reads who got it blind')
  const mail = got?.mail
  t.match(mail, {
    subject: 'Größe 🚀 und sehr lang '.repeat(10).trim(),
    text: /Eins <b>nicht fett<\/b> & "so"\n\nZwei 🚀/,
    html: /<p>Eins &lt;b&gt;nicht fett&lt;\/b&gt; &amp; &quot;so&quot;<\/p>\n<p>Zwei 🚀<\/p>/,
    from: { value: [{ address: 'lab@test.example', name: 'Lab' }] },
    replyTo: { value: [{ address: 'desk@test.example', name: 'Desk' }] },
    to: { value: [{ address: 'ann@test.example', name: 'Änn Ünicode' }, { address: 'ben@test.example' }] },
    cc: { value: [{ address: 'cleo@test.example' }] },
  })
  t.match(mail?.attachments, [
    { filename: 'Übersicht.txt', contentType: 'text/plain' },
    { filename: 'bytes.bin', contentType: 'application/x-lab' },
  ])
  t.equal(mail?.attachments[0]?.content.toString('utf8'), 'Inhalt ä')
  t.same([...(mail?.attachments[1]?.content ?? [])], [0, 255, 10, 13])

  const html = await send(site, { html: '<h1>Made by the server</h1>' })
  await mailIs(site, html, 'Sent')
  t.match(smtp.received[1]?.mail.html, '<h1>Made by the server</h1>')

  await t.test('a mail that opens doors is forgotten once it is out', async (t) => {
    const secret = await send(site, { text: 'https://test.example/?key=4711', sensitive: true })
    await mailIs(site, secret, 'Sent')
    const kept = await site.database.reader('tabEmail Queue').where({ name: secret }).first<object>()
    t.notMatch(JSON.stringify(kept), /4711/)
    t.match(smtp.received[2]?.mail.text, /4711/)
    const again = site.call('frappe.email.doctype.email_queue.email_queue.send_now', { name: secret }, admin)
    await t.rejects(again, refusal(417, 'ValidationError', /made anew/))
  })

  await t.test('nobody reads a sensitive mail in the queue, nor has it sent to themselves', async (t) => {
    const quiet = await mailSite(t, db, { port: smtp.port }, { mute_emails: 1 })
    const bytes = Buffer.from([0, 255, 10, 13, 10])
    const name = await send(quiet, {
      text: 'for ann alone',
      sensitive: true,
      attachments: [
        { filename: 'for-ann.bin', content: bytes },
        { filename: 'empty.txt', content: '' },
        { filename: 'größe.txt', content: 'for ann, too' },
      ],
    })
    const kept = await quiet.database.reader('tabEmail Queue').where({ name }).first<object>()
    t.notMatch(JSON.stringify(kept), /for.ann|größe/)
    t.notMatch(JSON.stringify(kept), bytes.toString('base64'))
    for (const ptype of ['write', 'create', 'share'] as const)
      t.notOk(
        await quiet.read(admin, async (ctx) =>
          ctx.hasPermission('Email Queue', ptype, await ctx.getDoc('Email Queue', name)),
        ),
        `Administrator may not ${ptype}`,
      )
    const reader = [{ recipient: 'spy@test.example' }]
    const set = { doctype: 'Email Queue', name, fieldname: { recipients: reader } }
    await t.rejects(quiet.call('frappe.client.set_value', set, admin), refusal(403, 'PermissionError'))
    const doc = { ...kept, doctype: 'Email Queue', name: undefined, recipients: reader }
    await t.rejects(quiet.call('frappe.client.insert', { doc }, admin), refusal(403, 'PermissionError'))
    const message = await quiet.write(admin, (ctx) => beginSending(ctx, name))
    t.match(message, { text: 'for ann alone', html: '<p>for ann alone</p>' })
    t.same(
      message?.attachments.map(({ filename, content }) => [filename, Buffer.from(content)]),
      [
        ['for-ann.bin', bytes],
        ['empty.txt', Buffer.alloc(0)],
        ['größe.txt', Buffer.from('for ann, too')],
      ],
    )
    await send(quiet, { text: '長'.repeat(20_000), sensitive: true })
    await quiet.write(admin, (ctx) => giveUpMail(ctx, name))
    const left = await quiet.database
      .reader('tabEmail Queue')
      .where({ name })
      .first<Record<string, unknown>>()
    t.match(left, { sealed_content: null, attachments: null, text_content: null, html_content: null })
  })

  await t.test('nothing is sent by what is rolled back', async (t) => {
    const failed = site.write(admin, async (ctx) => {
      await ctx.sendMail({ to: 'x@test.example', subject: 'Never', text: '' })
      throw new Error('undone')
    })
    await t.rejects(failed, /undone/)
    await mailIs(site, await send(site, {}), 'Sent')
    t.notOk(smtp.received.some(({ mail: { subject } }) => subject === 'Never'))
  })
})

void eachDatabase(t, 'who refuses, and who only says not now', async (t, db) => {
  let busy = 2
  const smtp = await smtpServer(t, {
    recipient(address) {
      if (address.startsWith('gone')) return [550, 'No such user here']
      if (address.startsWith('busy') && busy-- > 0) return [451, 'Try again later']
      return undefined
    },
    data: (mail) => (mail.subject === 'Spam' ? [554, 'We think it is spam'] : undefined),
  })
  const site = await mailSite(t, db, { port: smtp.port })
  const mixed = await send(site, { to: ['ann@test.example', 'gone@test.example', 'busy@test.example'] })
  await until(async () => (await row(site, mixed)).people['busy@test.example'] === 'Sent')
  // Read anew: the mail and its recipients come by two statements.
  const { people, error, retry } = await row(site, mixed)
  t.same(people, { 'ann@test.example': 'Sent', 'gone@test.example': 'Error', 'busy@test.example': 'Sent' })
  t.equal((await row(site, mixed)).status, 'Partially Sent')
  t.equal(error, null)
  t.equal(retry, 3)
  t.same(
    smtp.received.map(({ to }) => to),
    [['ann@test.example'], ['busy@test.example']],
    'a retry does not go to those who have it',
  )
  t.equal(smtp.received[0]?.mail.messageId, smtp.received[1]?.mail.messageId)

  const gone = await mailIs(site, await send(site, { to: 'gone@test.example' }), 'Error')
  t.match(gone, { retry: 1, error: /gone@test\.example: .*550.*No such user/ })
  const spam = await mailIs(site, await send(site, { subject: 'Spam' }), 'Error')
  t.match(spam, { retry: 1, error: /554.*spam/ })
})

void eachDatabase(t, 'a server that is down, then up', async (t, db) => {
  const port = await freePort(t)
  const site = await mailSite(t, db, { port })
  const name = await send(site, {})
  const failed = await until(async () => {
    const state = await row(site, name)
    return state.retry >= 2 && state.error ? state : undefined
  })
  t.match(failed.error, /ECONNREFUSED/)
  const smtp = await smtpServer(t, { port })
  t.match(await mailIs(site, name, 'Sent'), { error: null })
  t.equal(smtp.received.length, 1)
})

void eachDatabase(t, 'mail waits while it is not set up, or muted', async (t, db) => {
  const database = await db.open()
  const config = { jobs: QUICK }
  const site = await labSiteOn(t, database, {}, { config })
  const name = await site.write(admin, (ctx) =>
    ctx.sendMail({ to: 'ann@test.example', subject: 'S', text: '' }),
  )
  t.match(await row(site, name), { status: 'Not Sent', error: /not set up.*site_config\.json/ })
  const smtp = await smtpServer(t)
  const mail = { host: '127.0.0.1', port: smtp.port, from: 'lab@test.example' }
  const muted = await labSiteOn(t, await db.open(), {}, { config: { ...config, mail, mute_emails: 1 } })
  muted.start()
  const quiet = await send(muted, {})
  t.match(await row(muted, quiet), { status: 'Not Sent', error: /muted/ })
  await muted.write(admin, (ctx) => ctx.enqueue(sendWaitingMail, {}))
  await until(async () => ((await muted.jobs.counts()).waiting === 0 ? true : undefined))
  t.equal(smtp.received.length, 0)
  // What waited goes out once the site has what it needs.
  const later = await mailSite(t, db, { port: smtp.port })
  const left = await later.write(admin, async (ctx) => {
    const doc = await ctx.insert(
      'Email Queue',
      {
        subject: 'Waited',
        message_id: '<waited@lab>',
        text_content: 'x',
        html_content: 'x',
        recipients: [{ recipient: 'ann@test.example' }],
      },
      { ignorePermissions: true },
    )
    await ctx.enqueue(sendWaitingMail, {})
    return doc.name
  })
  await mailIs(later, left, 'Sent')
})

void eachDatabase(t, 'what would not stay in its header is refused', async (t, db) => {
  const site = await mailSite(t, db, null)
  const evil = 'x\r\nBcc: all@test.example'
  const cases: [Partial<Mail>, RegExp][] = [
    [{ subject: evil }, /subject.*one line/],
    [{ subject: 'a\nb' }, /one line/],
    [{ subject: 'a\u2028b' }, /one line/],
    [{ to: `ann@test.example${evil}` }, /one line/],
    [{ to: `"${evil}" <ann@test.example>` }, /one line/],
    [{ cc: 'ann@test.example\n' }, /one line/],
    [{ replyTo: evil }, /one line/],
    [{ attachments: [{ filename: evil, content: '' }] }, /one line/],
    [{ attachments: [{ filename: 'a', content: '', contentType: `text/plain${evil}` }] }, /content type/],
    [{ to: [] }, /somebody/],
    [{ to: 'nobody' }, /not an e-mail address/],
    [{ to: 'a@b, c@d' }, /not an e-mail address/],
    [{ to: 'ann@test.example>, <x@test.example' }, /not an e-mail address/],
    [{ attachments: [{ filename: 'a', content: 'x'.repeat(11 * 1024 * 1024) }] }, /10 MiB/],
  ]
  for (const [mail, message] of cases)
    await t.rejects(send(site, mail), refusal(417, 'ValidationError', message))
})

void eachDatabase(t, 'managers send again; others are refused', async (t, db) => {
  let open = false
  const smtp = await smtpServer(t, { recipient: () => (open ? undefined : [550, 'Closed']) })
  const site = await mailSite(t, db, { port: smtp.port })
  const name = await send(site, {})
  await mailIs(site, name, 'Error')
  open = true
  const method = 'frappe.email.doctype.email_queue.email_queue.send_now'
  const user = await addUser(site, 'user@test.example')
  await t.rejects(site.call(method, { name }, { user }), refusal(403, 'PermissionError'))
  await t.rejects(site.call(method, { name }, { user: 'Guest' }), refusal(403, 'PermissionError'))
  await t.rejects(
    site.read({ user }, (ctx) => ctx.getList('Email Queue')),
    refusal(403, 'PermissionError'),
  )
  const manager = await addUser(site, 'manager@test.example', ['System Manager'])
  await site.call(method, { name }, { user: manager })
  await mailIs(site, name, 'Sent')
})

const needsOpenSsl = { skip: !existsSync('/usr/bin/openssl') && 'OpenSSL is not installed' }

void t.test('TLS and login', needsOpenSsl, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'f-chat-tls-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...[
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        keyFile,
        '-out',
        certFile,
      ],
    ],
    { stdio: 'ignore' },
  )
  const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')]
  const login: SmtpOptions = {
    authOptional: false,
    onAuth({ username, password }, _session, done) {
      if (username === 'lab' && password === 'right') done(null, { user: 'lab' })
      else done(Object.assign(new Error('Bad login'), { responseCode: 535 }))
    },
  }
  await eachDatabase(t, 'from the first byte, and by STARTTLS', async (t, db) => {
    for (const secure of [true, false]) {
      const smtp = await smtpServer(t, { secure, key, cert, ...login })
      const config = { host: 'localhost', port: smtp.port, secure, user: 'lab', ca: cert, require_tls: true }
      const site = await mailSite(t, db, { ...config, password: 'right' })
      await site.mailer?.verify()
      await mailIs(site, await send(site, {}), 'Sent')
      t.match(smtp.received, [{ secure: true, user: 'lab' }])
      await site.jobs.stop()

      const wrong = await mailSite(t, db, { ...config, password: 'wrong' })
      await t.rejects(
        wrong.mailer?.verify() ?? Promise.resolve(),
        /does not let us send.*Bad login.*site_config/,
      )
      const waits = await send(wrong, {})
      const state = await until(async () => {
        const now = await row(wrong, waits)
        return now.error ? now : undefined
      })
      t.match(state, { error: /Bad login/, people: { 'ann@test.example': 'Not Sent' } }, 'can be corrected')
      await wrong.jobs.stop()

      const { ca: _ca, ...untrusted } = config
      const strange = await mailSite(t, db, { ...untrusted, password: 'right' })
      await t.rejects(strange.mailer?.verify() ?? Promise.resolve(), /self-signed/)
      await strange.jobs.stop()
    }
    const plain = await smtpServer(t)
    const site = await mailSite(t, db, { port: plain.port, require_tls: true })
    await t.rejects(site.mailer?.verify() ?? Promise.resolve(), /STARTTLS|TLS/)
  })
})
