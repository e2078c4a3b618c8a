import tap from 'tap'
import { checkName, checkUpload } from '../../../desk/files/accept.ts'
import { isSecretName, secretName } from '../../../desk/files/names.ts'
import { defineMethod } from '../../../desk/method.ts'
import { Type } from 'typebox'
import { eachDatabase } from '../../support/databases.ts'
import { fileSite, form, stored } from './support.ts'

const upload = (name: string, contentType: string, size = 1) => ({
  field: 'file',
  name,
  contentType,
  received: { path: '/nowhere', size, hash: '' },
})

tap.test('what `accept` takes', (t) => {
  for (const [accept, name, type, taken] of [
    ['image/*', 'a.png', 'image/png', true],
    ['image/*', 'a.png', 'text/plain', false],
    ['image/*', 'a.txt', 'image/png', false],
    ['image/*', 'a', 'image/png', true],
    ['image/*', 'a', 'application/octet-stream', false],
    ['application/pdf', 'a.PDF', 'application/pdf', true],
    ['application/pdf', 'a.pdf', 'application/pdfx', false],
    ['.doc', 'a.doc', 'application/msword', true],
    ['.doc', 'a.doc', 'image/png', false],
    ['.xyzzy', 'a.xyzzy', 'application/zip', true],
    ['.xyzzy', 'a.xyzzy', 'application/x-elf', false],
    ['.xyzzy', 'a.other', 'application/octet-stream', false],
    ['*/*', 'a.exe', 'application/x-msdownload', true],
    ['', 'a.txt', 'text/plain', false],
  ] as const) {
    const check = (): void => checkUpload(upload(name, type), { accept })
    const what = `${accept} and ${name}, which is ${type}`
    if (taken) t.doesNotThrow(check, what)
    else t.throws(check, /of a kind that is not allowed/, what)
  }
  t.throws(() => checkUpload(upload('a', 'image/png', 11), { mostBytes: 10 }), /too large/)
  t.doesNotThrow(() => checkUpload(upload('a', 'image/png', 10), { mostBytes: 10 }))
  t.doesNotThrow(() => checkName('a.exe', {}))
  t.throws(() => checkName('a.exe', { accept: 'image/*' }))
  t.end()
})

tap.test('names that say nothing', (t) => {
  t.match(secretName('.PNG'), /^[0-9a-f]{32}\.png$/)
  t.match(secretName('.ä b'), /^[0-9a-f]{32}$/)
  t.ok(isSecretName(secretName('.tar')))
  t.notOk(isSecretName('report.pdf'))
  t.end()
})

const prepared: string[] = []
const admit = defineMethod({
  name: 'lab.admit',
  writes: true,
  files: 2,
  input: Type.Object({ note: Type.String() }),
  admitFiles: ({ note }) => ({ mostBytes: note === 'small' ? 3 : 1000, accept: 'text/*' }),
  async prepare(_args, ctx) {
    await ctx.exists('User', ctx.user)
    prepared.push(`${String(ctx.writes)} ${String(ctx.uploads.length)}`)
  },
  handler: async (_args, ctx) =>
    (
      await Promise.all(
        ctx.uploads.map((one) => ctx.saveFile({ name: one.name, content: one, secretUrl: true })),
      )
    ).map((doc) => doc.text('file_url')),
})

await eachDatabase(tap, 'methods that say what they take', async (t, db) => {
  prepared.length = 0
  const lab = await fileSite(t, db, {}, { methods: [admit] })
  const send = (entries: Parameters<typeof form>[0]) =>
    lab.ann.request('POST', '/api/method/lab.admit', { body: form(entries) })
  const answer = await send({ note: 'large', file: { name: 'a.txt', content: 'four' } })
  t.match(answer, { status: 200 })
  const [url] = answer.body.message
  t.match(url, /^\/private\/files\/[0-9a-f]{32}\.txt$/)
  t.same(prepared, ['false 1'], 'once, before the transaction')
  t.match(await send({ note: 'small', file: { name: 'a.txt', content: 'four' } }), { status: 413 })
  t.match(
    await send({ file: { name: 'a.txt', content: 'four' }, note: 'small' }),
    { status: 200 },
    'the note came late',
  )
  t.match(await send({ note: 'x', file: { name: 'a.exe', content: 'four' } }), { status: 417 })
  t.match(await send({ note: 'x', file: { name: 'a', content: new Uint8Array([0, 1]) } }), { status: 417 })
  const never = '/private/files/0123456789abcdef0123456789abcdef.txt'
  const [hidden, missing] = [await lab.ben.get(url), await lab.ben.get(never)]
  t.match(hidden, { status: 404 })
  t.equal(hidden.text, missing.text)
  t.match(await lab.guest.get(url), { status: 403 })
  t.match(await lab.ann.get(url), { status: 200, text: 'four' })
  t.equal(stored(lab).private.length, 2)
})
