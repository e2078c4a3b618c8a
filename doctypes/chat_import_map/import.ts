import type { CommandIo, ForeignLogin, Site } from '@f-chat/desk'
import { importActivity } from './activity.ts'
import { importCalls } from './calls.ts'
import { FileTree } from './file-tree.ts'
import { Ledger } from './ledger.ts'
import { readMessageKeys } from './message-keys.ts'
import { importMessages } from './messages.ts'
import { Names, numberIn, type Numbered } from './names.ts'
import { listOrphans } from './orphans.ts'
import { importPictures } from './pictures.ts'
import { countLines, writeReport } from './report.ts'
import { importRooms } from './rooms.ts'
import { People, type ImportRun } from './run.ts'
import { importSettings } from './settings.ts'
import { FrappeSource } from './source.ts'
import { Tally } from './tally.ts'
import { importUsers } from './users.ts'
import { textOf } from './values.ts'

/**
 * Copies the chat of a Frappe site into this one. Every batch is a transaction and is noted in Chat Import Map, so
 * that a run that was stopped, or is repeated, goes on with what is missing or new.
 * @param filesFolder the source's files; null without
 */
export async function importFromFrappe(
  site: Site,
  login: ForeignLogin,
  filesFolder: string | null,
  io: CommandIo,
): Promise<void> {
  const files = filesFolder === null ? null : await FileTree.open(filesFolder)
  const source = await FrappeSource.open(login)
  try {
    const notes = await compareZones(site, source)
    for (const note of notes) io.print(note)
    const tally = await bringAll(site, source, files, io)
    const report = await writeReport(site.path, site.clock.now(), tally, notes)
    for (const line of countLines(tally)) io.print(line)
    io.print(`${String(tally.listed.length)} rows are listed in ${report}`)
  } finally {
    await source.close()
  }
}

async function bringAll(
  site: Site,
  source: FrappeSource,
  files: FileTree | null,
  io: CommandIo,
): Promise<Tally> {
  const ledger = new Ledger(source.id)
  const tally = new Tally()
  const total = await source.count('Chat Message')
  const keys = await readMessageKeys(source, (done) => {
    io.progress('Reading', done, total)
  })
  const largest = Math.max(
    keys.largest,
    await largestIn(source, 'Chat Room'),
    await largestIn(source, 'Chat Call Session'),
  )
  const names = await Names.reserve(site, ledger, largest)
  const run: ImportRun = {
    ...{ site, source, files, ledger, names, tally },
    progress: (step, done, all) => {
      io.progress(step, done, all)
    },
    users: new People(),
    rooms: new Map(),
  }
  await importUsers(run)
  await importPictures(run)
  await importSettings(run)
  await importRooms(run, (room) => keys.byRoom.has(room))
  await importMessages(run, keys)
  await importCalls(run)
  await importActivity(run)
  await listOrphans(run)
  return tally
}

async function largestIn(source: FrappeSource, doctype: Numbered): Promise<number> {
  let largest = 0
  for await (const rows of source.pages(doctype, [], 5000))
    for (const { name } of rows) largest = Math.max(largest, numberIn(doctype, textOf(name)) ?? 0)
  return largest
}

/** Times are taken as they are: the source's local time becomes the site's. */
async function compareZones(site: Site, source: FrappeSource): Promise<string[]> {
  const zone = (await source.single('System Settings')).get('time_zone')
  if (!zone || zone === site.clock.zone) return []
  return [
    `Times come as they are, but the source's time zone is ${zone} and this site's is ${site.clock.zone}. Set time_zone in site_config.json to have them read rightly.`,
  ]
}
