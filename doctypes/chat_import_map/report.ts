import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Tally } from './tally.ts'

/** The outcome in lines: a table of counts. */
export function countLines({ counts }: Tally): string[] {
  const rows = [...counts].map(([doctype, { brought, present, changed, listed }]) => [
    doctype,
    ...[brought, present, changed, listed].map(String),
  ])
  const table = [['', 'brought', 'already here', 'changed', 'listed'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)))
  return table.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** What users have typed stays in its line, and says nothing to a terminal. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')

/** Writes counts and every listed row into the site's logs. @returns the file */
export async function writeReport(
  sitePath: string,
  now: string,
  tally: Tally,
  notes: readonly string[],
): Promise<string> {
  const folder = path.join(sitePath, 'logs')
  const stamp = now.slice(0, 19).replaceAll(/[-:]/g, '').replace(' ', '-')
  const file = path.join(folder, `import-from-frappe-${stamp}.log`)
  const listed = tally.listed
    .map(({ doctype, name, reason }) => `${doctype}\t${oneLine(name)}\t${oneLine(reason)}`)
    .sort()
  await mkdir(folder, { recursive: true })
  await writeFile(file, `${[...notes, ...countLines(tally), '', ...listed].join('\n')}\n`, { mode: 0o600 })
  return file
}
