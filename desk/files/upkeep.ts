import type { Site } from '../site/site.ts'
import { placeOf, urlOf } from './names.ts'

/** Files and contents that have lost each other. */
export interface Orphans {
  /** URLs of File rows whose content is missing. */
  withoutContent: string[]
  /** URLs of contents that no File row names: nobody can read them. */
  withoutRow: string[]
}

const ROWS_AT_ONCE = 500

/** Compares the File rows with the store, for `bench doctor`. Changes nothing. */
export async function findOrphans(site: Site): Promise<Orphans> {
  const stored = new Set<string>()
  for (const isPrivate of [false, true]) {
    for await (const name of site.files.list(isPrivate)) stored.add(urlOf({ isPrivate, name }))
  }
  const withRow = new Set<string>()
  const withoutContent = new Set<string>()
  for await (const url of urls(site)) {
    if (stored.has(url)) withRow.add(url)
    else withoutContent.add(url)
  }
  return {
    withoutContent: [...withoutContent],
    withoutRow: [...stored].filter((url) => !withRow.has(url)),
  }
}

/** A line of `bench doctor`. @throws Error where files have lost their content */
export async function checkFiles(site: Site): Promise<string> {
  const { withoutContent, withoutRow } = await findOrphans(site)
  const strays = withoutRow.length > 0 ? `; ${String(withoutRow.length)} on the disk belong to none` : ''
  const [first] = withoutContent
  if (first === undefined) return `every file has its content${strays}`
  throw new Error(
    `${String(withoutContent.length)} files have lost their content, such as ${first}${strays}. Bring them back from a backup, or delete them.`,
  )
}

async function* urls(site: Site): AsyncGenerator<string> {
  let last = ''
  for (;;) {
    const rows = await site.database
      .reader('tabFile')
      .where('name', '>', last)
      .orderBy('name')
      .limit(ROWS_AT_ONCE)
      .select<{ name: string; file_url: string | null }[]>('name', 'file_url')
    for (const { file_url } of rows) if (file_url && placeOf(file_url)) yield file_url
    const end = rows.at(-1)
    if (!end) return
    last = end.name
  }
}

const DAY = 86_400_000

/** Removes what interrupted uploads left more than a day ago. @returns how many */
export async function clearLeftovers(site: Site): Promise<number> {
  return await site.files.clearTemporary(new Date(Date.now() - DAY))
}
