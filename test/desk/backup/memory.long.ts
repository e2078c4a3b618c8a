import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { buildOnce, root } from '../../support/bench-cli.ts'
import { eachBench, type SiteBench } from '../../support/bench-site.ts'

t.setTimeout(600_000)
buildOnce()
const SITE = 'large.test'
const ROWS_MB = 300
const FILES_MB = 200
/** Of 60 kB each: a text column of MariaDB takes no more than 64 kB. */
const ROWS_OF_10_MB = 170
/** A quarter of what is backed up; a bare command needs about 110 MB. */
const MOST_MB = 260

/** Runs a command; looks at its memory all the while. @returns the most that it held, in MB */
async function peakOf(sites: SiteBench, args: readonly string[]): Promise<number> {
  const { NODE_OPTIONS: _options, FRAPPE_SITE: _site, ...env } = process.env
  const child = spawn(process.execPath, [path.join(root, 'desk/bin/bench.js'), '--site', SITE, ...args], {
    env: { ...env, BENCH_PATH: sites.bench.path },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const over = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let peak = 0
  while (child.exitCode === null) {
    try {
      const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8')
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
    } catch {
      break
    }
    await delay(20)
  }
  t.equal(await over, 0, args.join(' '))
  return Math.round(peak)
}

void eachBench(t, 'a large site is backed up and restored in little memory', async (t, sites) => {
  await sites.newSite(SITE)
  await sites.on(SITE, async (site) => {
    for (let mb = 0; mb < ROWS_MB; mb += 10)
      await site.database.transaction(async (tx) => {
        for (let row = 0; row < ROWS_OF_10_MB; row += 1)
          await tx('__Auth').insert({
            doctype: 'Large',
            name: `${String(mb)}-${String(row)}`,
            fieldname: 'f',
            password: randomBytes(30_000).toString('hex'),
            encrypted: 0,
          })
      })
  })
  const folder = path.join(sites.bench.sitePath(SITE), 'private/files')
  mkdirSync(folder, { recursive: true })
  const sums = new Map<string, string>()
  for (let file = 0; file < FILES_MB / 50; file += 1) {
    const content = randomBytes(50_000_000)
    sums.set(`${String(file)}.bin`, createHash('sha256').update(content).digest('hex'))
    writeFileSync(path.join(folder, `${String(file)}.bin`), content)
  }
  const backups = path.join(sites.bench.path, 'backups')
  const saved = await peakOf(sites, ['backup', '--with-files', '--backup-path', backups])
  t.ok(saved < MOST_MB, `backup: ${String(saved)} MB`)
  const find = (end: string): string =>
    path.join(backups, readdirSync(backups).find((name) => name.endsWith(end)) ?? '')
  rmSync(folder, { recursive: true })
  const restored = await peakOf(sites, [
    ...['restore', find(sites.kind === 'sqlite' ? '-database.sqlite.gz' : '-database.sql.gz')],
    ...['--with-private-files', find('-private-files.tar')],
  ])
  t.ok(restored < MOST_MB, `restore: ${String(restored)} MB`)
  for (const [name, sum] of sums)
    t.equal(
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
      sum,
      name,
    )
  t.equal(
    await sites.on(SITE, async ({ database }) => {
      const [row] = await database
        .reader('__Auth')
        .where({ doctype: 'Large' })
        .count<{ n: number }[]>('* as n')
      return Number(row?.n)
    }),
    (ROWS_MB / 10) * ROWS_OF_10_MB,
  )
})
