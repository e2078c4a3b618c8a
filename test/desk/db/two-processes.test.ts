import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'

t.test('SQLite: another process that writes is waited for, and its rows are seen', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'f-chat-two-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const path = join(home, 'site.db')
  const db = createDatabase({ db_type: 'sqlite', db_name: path })
  t.teardown(() => db.close())
  await db.transaction((tx) => tx.raw('create table thing (name varchar(20) primary key)'))

  const script = `
    import { createDatabase } from ${JSON.stringify(new URL('../../../desk/db/index.ts', import.meta.url).href)}
    import { once } from 'node:events'
    const db = createDatabase({ db_type: 'sqlite', db_name: ${JSON.stringify(path)} })
    await db.transaction(async (tx) => {
      await tx('thing').insert({ name: 'theirs' })
      console.log('locked')
      await once(process.stdin, 'data')
    })
    await db.close()
    process.exit(0)`
  const args = ['--import=tsx', '--conditions=f-chat-source', '--input-type=module', '-e', script]
  const other = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => other.kill('SIGKILL'))
  await once(createInterface(other.stdout), 'line')

  t.same(await db.reader('thing').pluck('name'), [], 'reading goes on meanwhile')
  let attempts = 0
  const stop = db.onQuery((sql) => {
    if (sql !== 'BEGIN IMMEDIATE') return
    // The first attempt finds the lock taken; the other process is let go before the second one.
    if (++attempts === 2) other.stdin.write('go\n')
  })
  t.teardown(stop)
  await db.transaction((tx) => tx('thing').insert({ name: 'ours' }))
  t.ok(attempts >= 2)
  t.same(await db.reader('thing').orderBy('name').pluck('name'), ['ours', 'theirs'])
})
