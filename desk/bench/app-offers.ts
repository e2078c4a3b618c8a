import { createDatabase } from '../db/index.ts'
import { databaseConfig, installedApps, loadApps } from '../site/open.ts'
import { commandIo } from './command-io.ts'
import type { AppCommand, Command } from './command.ts'
import { explain } from './explain.ts'
import { findBench } from './find-bench.ts'
import { commandWord } from './parse.ts'
import { withLockedSite, withSite } from './with-site.ts'

/** Commands that the apps of the chosen site bring; or why they could not be looked for. */
export interface Offered {
  commands: readonly Command[]
  problem?: string
}

/**
 * The apps' commands, where the command line may be about one of them: desk's own start without a site.
 * @param words of a command line, perhaps an unfinished one
 */
export async function appCommandsFor(words: readonly string[], own: readonly Command[]): Promise<Offered> {
  const isOwn = (word: string | undefined): boolean => own.some(({ name }) => name === word)
  const at = commandWord(words)
  const word = at === undefined ? undefined : words[at]
  if (isOwn(word) || (word === 'help' && words.some(isOwn))) return { commands: [] }
  try {
    const offers = await offersOf(siteNamed(words))
    return { commands: offers.filter(({ name }) => !isOwn(name)).map(asCommand) }
  } catch (error) {
    return { commands: [], problem: explain(error) }
  }
}

function siteNamed(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '--site' || word.startsWith('--site='))
  return words[at] === '--site' ? words[at + 1] : words[at]?.slice('--site='.length)
}

/** Without opening the site: it may need a migration, and nothing is to be settled for a help page. */
async function offersOf(site: string | undefined): Promise<AppCommand[]> {
  const bench = findBench()
  const name = await bench.chooseSite(site)
  const database = createDatabase(databaseConfig(await bench.siteConfig(name), bench.sitePath(name)))
  try {
    const apps = await loadApps(bench, await installedApps(database))
    return apps.flatMap(({ definition }) => definition.bench_commands ?? [])
  } finally {
    await database.close()
  }
}

function asCommand({ exclusive, run, ...words }: AppCommand): Command {
  return {
    ...words,
    group: "From the site's apps",
    run: async (input) => {
      const io = commandIo()
      try {
        if (exclusive) await withLockedSite(input, words.name, (site) => run(site, input, io))
        else await withSite(input, (site) => run(site, input, io))
      } finally {
        io.stop()
      }
    },
  }
}
