import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import tap, { type Test } from 'tap'
import { DiskStore } from '../../../desk/files/disk-store.ts'
import type { FileStore, Place } from '../../../desk/files/store.ts'
import { refusal } from '../../support/fixtures-app.ts'
import { temporaryFolder } from './support.ts'

const LIMIT = 1000
const from = (text: string): Readable => Readable.from([Buffer.from(text)])
const publicly = (name: string): Place => ({ isPrivate: false, name })
const privately = (name: string): Place => ({ isPrivate: true, name })

async function textAt(store: FileStore, place: Place): Promise<string | null> {
  const content = await store.open(place)
  if (!content) return null
  const chunks: Buffer[] = []
  for await (const chunk of content.stream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function names(store: FileStore, isPrivate: boolean): Promise<string[]> {
  const found: string[] = []
  for await (const name of store.list(isPrivate)) found.push(name)
  return found.sort()
}

/** What every FileStore does; one that is added later passes it as well. */
async function conforms(t: Test, make: (t: Test) => FileStore): Promise<void> {
  await t.test('receives, keeps and gives back', async (t) => {
    const store = make(t)
    const received = await store.receive(from('hello'), LIMIT)
    t.match(received, {
      size: 5,
      hash: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    })
    t.equal(await store.put(received, publicly('a.txt')), true)
    await store.discard(received)
    await store.discard(received)
    t.equal(await textAt(store, publicly('a.txt')), 'hello')
    t.equal(await textAt(store, privately('a.txt')), null, 'the other side has nothing')
    const content = await store.open(publicly('a.txt'))
    t.equal(content?.size, 5)
    await content?.close()
    const part = await store.open(publicly('a.txt'))
    const chunks = await part?.stream({ start: 1, end: 3 }).toArray()
    t.equal(Buffer.concat(chunks as Buffer[]).toString(), 'ell')
  })

  await t.test('never writes over what it has', async (t) => {
    const store = make(t)
    const one = await store.receive(from('one'), LIMIT)
    const two = await store.receive(from('two'), LIMIT)
    t.equal(await store.put(one, privately('x')), true)
    t.equal(await store.put(two, privately('x')), false)
    t.equal(await store.link(privately('x'), privately('x')), 'taken')
    t.equal(await textAt(store, privately('x')), 'one')
    const many = await Promise.all(Array.from({ length: 20 }, () => store.put(two, privately('y'))))
    t.equal(many.filter(Boolean).length, 1)
  })

  await t.test('gives a content a second place, which outlives the first', async (t) => {
    const store = make(t)
    await store.put(await store.receive(from('both'), LIMIT), privately('x'))
    t.equal(await store.link(privately('x'), publicly('y')), 'done')
    await store.remove(privately('x'))
    await store.remove(privately('x'))
    t.equal(await textAt(store, publicly('y')), 'both')
    t.equal(await store.link(privately('x'), publicly('z')), 'missing')
    t.same(await names(store, false), ['y'])
    t.same(await names(store, true), [])
  })

  await t.test('nothing stays of what is too large or breaks off', async (t) => {
    const store = make(t)
    await t.rejects(store.receive(from('x'.repeat(LIMIT + 1)), LIMIT), refusal(413, 'ValidationError'))
    const broken = new Readable({
      read() {
        this.push('half')
        this.destroy(new Error('gone'))
      },
    })
    await t.rejects(store.receive(broken, LIMIT), { message: 'gone' })
    t.equal(await store.clearTemporary(new Date(Date.now() + 60_000)), 0)
    t.equal((await store.receive(from('x'.repeat(LIMIT)), LIMIT)).size, LIMIT)
  })

  await t.test('clears what was received long ago', async (t) => {
    const store = make(t)
    await store.receive(from('left behind'), LIMIT)
    t.equal(await store.clearTemporary(new Date(Date.now() - 60_000)), 0)
    t.equal(await store.clearTemporary(new Date(Date.now() + 60_000)), 1)
  })

  await t.test('a name that is no plain name is nothing', async (t) => {
    const store = make(t)
    const received = await store.receive(from('x'), LIMIT)
    await store.put(received, publicly('ok'))
    for (const name of ['../x', '..', '', 'a/b', 'a\0', '.hidden', 'y'.repeat(300)]) {
      t.equal(await store.open(publicly(name)), null, JSON.stringify(name))
      await t.rejects(store.put(received, publicly(name)))
      t.equal(await store.link(publicly(name), publicly('copy')), 'missing')
      await store.remove(publicly(name))
    }
    t.same(await names(store, false), ['ok'])
  })
}

await tap.test('DiskStore', async (t) => {
  await conforms(t, (t) => new DiskStore(temporaryFolder(t)))

  await t.test('follows no symbolic links, and waits for no pipe', async (t) => {
    const folder = temporaryFolder(t)
    const store = new DiskStore(folder)
    mkdirSync(path.join(folder, 'public', 'files', 'folder'), { recursive: true })
    writeFileSync(path.join(folder, 'secret'), 'secret')
    symlinkSync('../../secret', path.join(folder, 'public', 'files', 'link'))
    t.equal(await store.open(publicly('link')), null)
    t.equal(await store.link(publicly('link'), publicly('stolen')), 'missing')
    t.equal(await store.open(publicly('folder')), null)
    t.same(await names(store, false), [])
  })

  await t.test('the same content is on the disk once', async (t) => {
    const folder = temporaryFolder(t)
    const store = new DiskStore(folder)
    await store.put(await store.receive(from('same'), LIMIT), privately('x'))
    await store.link(privately('x'), privately('y'))
    const [x, y] = ['x', 'y'].map((name) => lstatSync(path.join(folder, 'private', 'files', name)))
    t.equal(x?.ino, y?.ino)
  })

  await t.test('a folder that cannot be written is an error, and leaves nothing', async (t) => {
    const folder = temporaryFolder(t)
    const store = new DiskStore(folder)
    const received = await store.receive(from('x'), LIMIT)
    mkdirSync(path.join(folder, 'public'))
    writeFileSync(path.join(folder, 'public', 'files'), 'in the way')
    await t.rejects(store.put(received, publicly('a')))
    t.equal(await store.open(publicly('a')), null)
    t.ok(existsSync(received.path))
    const blocked = new DiskStore(path.join(folder, 'public', 'files'))
    await t.rejects(blocked.receive(from('x'), LIMIT))
  })

  await t.test('only leftovers that are old are cleared', async (t) => {
    const folder = temporaryFolder(t)
    const store = new DiskStore(folder)
    const old = await store.receive(from('old'), LIMIT)
    const fresh = await store.receive(from('new'), LIMIT)
    utimesSync(old.path, new Date(0), new Date(0))
    t.equal(await store.clearTemporary(new Date(Date.now() - 86_400_000)), 1)
    t.same(readdirSync(path.join(folder, 'private', '.uploads')), [path.basename(fresh.path)])
  })
})
