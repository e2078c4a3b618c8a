import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Test } from 'tap'

/** Writes apps as strangers do: in folders that know nothing of the clone. */
export class AppFolders {
  readonly path: string

  constructor(t: Test) {
    this.path = mkdtempSync(path.join(tmpdir(), 'f-chat-apps-'))
    t.teardown(() => {
      rmSync(this.path, { recursive: true, force: true })
    })
  }

  /** @returns the app's folder; files that it had stay */
  write(name: string, files: Record<string, string>): string {
    const folder = path.join(this.path, name)
    const manifest = JSON.stringify({ name: name.replaceAll('_', '-'), version: '2.1.0', type: 'module' })
    for (const [file, text] of Object.entries({ 'package.json': manifest, ...files })) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      writeFileSync(path.join(folder, file), text)
    }
    return folder
  }
}

/** A DocType's JSON, named by its title. */
export const docTypeJson = (name: string, keys: object = {}): string =>
  JSON.stringify({
    doctype: 'DocType',
    name,
    module: 'Pets',
    autoname: 'field:title',
    fields: [{ fieldname: 'title', fieldtype: 'Data', label: 'Title' }],
    permissions: [{ role: 'System Manager', read: 1, write: 1, create: 1, delete: 1 }],
    ...keys,
  })

/** A manifest's source, in JavaScript that is TypeScript, too. */
export const hooksSource = (name: string, more = ''): string =>
  `import { defineApp } from '@f-chat/desk'\nexport default defineApp({ name: '${name}', title: 'Pets of ${name}', ${more} })\n`
