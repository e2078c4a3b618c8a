import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { SchemaOutdatedError } from '../db/index.ts'
import type { LoadedApp } from './apps.ts'
import { readJson } from './config.ts'
import type { Site } from './site.ts'

interface FixtureKey {
  doctype: string
  name: string
}

/** The documents that an app's fixtures/*.json bring. */
export async function fixtureKeys({ root }: LoadedApp): Promise<FixtureKey[]> {
  const folder = path.join(root, 'fixtures')
  if (!existsSync(folder)) return []
  const keys: FixtureKey[] = []
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.json')).sort()) {
    const file = path.join(folder, name)
    const docs = readJson(await readFile(file, 'utf8'), file) as FixtureKey[]
    keys.push(...docs.map(({ doctype, name }) => ({ doctype, name })))
  }
  return keys
}

const place = (app: string): { doctype: string; field: string } => ({
  doctype: 'Installed Applications',
  field: `fixtures:${app}`,
})

/** What of an app's fixtures the site had before the app (`kept`), and what came with it. */
interface FixtureNote {
  kept: string[]
  brought: string[]
}

export const fixtureId = ({ doctype, name }: FixtureKey): string => `${doctype}/${name}`

/**
 * Before a migrate: notes which documents of the apps' fixtures the site has already, so that uninstalling an app
 * takes only what it brought. An app from before there were such notes is taken to have brought all of its own.
 */
export async function noteFixtures(site: Site): Promise<void> {
  for (const app of site.registry.apps) {
    const { name } = app.definition
    if (name === 'desk') continue
    const known = await readNote(site, name)
    const installed = await existsIn(site, 'Installed Application', name)
    const note = known ?? { kept: [], brought: [] }
    const before = JSON.stringify(note)
    const listed = new Set([...note.kept, ...note.brought])
    for (const key of await fixtureKeys(app)) {
      const id = fixtureId(key)
      if (listed.has(id)) continue
      const isOld = (known !== undefined || !installed) && (await existsIn(site, key.doctype, key.name))
      note[isOld ? 'kept' : 'brought'].push(id)
    }
    if (JSON.stringify(note) === before) continue
    await site.database.transaction((tx) =>
      tx('tabSingles')
        .insert({ ...place(name), value: JSON.stringify(note) })
        .onConflict(['doctype', 'field'])
        .merge(['value']),
    )
  }
}

async function readNote(site: Site, app: string): Promise<FixtureNote | undefined> {
  const row = await site.database
    .reader('tabSingles')
    .where(place(app))
    .first<{ value: string | null } | undefined>('value')
  return row?.value ? (JSON.parse(row.value) as FixtureNote) : undefined
}

async function existsIn(site: Site, doctype: string, name: string): Promise<boolean> {
  try {
    const row = await site.database.reader(`tab${doctype}`).where({ name }).first<object | undefined>('name')
    return row !== undefined
  } catch (error) {
    if (error instanceof SchemaOutdatedError) return false
    throw error
  }
}

/** Fixtures that came with the app, and that no other app of the site brings, too. */
export async function ownFixtures(site: Site, app: LoadedApp): Promise<FixtureKey[]> {
  const note = await readNote(site, app.definition.name)
  const others = new Set<string>()
  for (const other of site.registry.apps)
    if (other !== app) for (const key of await fixtureKeys(other)) others.add(fixtureId(key))
  const kept = new Set(note?.kept)
  return (await fixtureKeys(app)).filter((key) => !kept.has(fixtureId(key)) && !others.has(fixtureId(key)))
}

/** What `noteFixtures` wrote for an app, as a condition on tabSingles. */
export const fixtureNote = place
