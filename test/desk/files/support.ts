import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Test } from 'tap'
import type { SiteConfig } from '../../../desk/site/config.ts'
import type { Site } from '../../../desk/site/site.ts'
import type { TestDatabase } from '../../support/databases.ts'
import {
  addUser,
  field,
  forManagers,
  labSite,
  PASSWORD,
  recordingLog,
  type TestApp,
} from '../../support/fixtures-app.ts'
import { serve, type Answer, type Body, type Client, type Served } from '../../support/server.ts'

export const ANN = 'ann@test.example'
export const BEN = 'ben@test.example'
/** A website user: no Desk User. */
export const WEB = 'web@test.example'

/** Folders are read by their owner alone; Pages by every Keeper. */
const app: TestApp = {
  doctypes: {
    Diary: {
      autoname: 'field:title',
      allow_rename: 1,
      fields: [field('title'), field('photo', 'Attach Image')],
      permissions: [{ role: 'Keeper', read: 1, write: 1, create: 1, delete: 1, if_owner: 1 }],
    },
    Page: {
      autoname: 'field:title',
      fields: [field('title')],
      permissions: [{ role: 'Keeper', read: 1 }, ...forManagers],
    },
  },
}

export interface FileSite {
  site: Site
  served: Served
  folder: string
  guest: Client
  ann: Client
  ben: Client
  web: Client
  admin: Client
  errors: { err?: unknown }[]
}

/** A temporary folder, until the subtest ends. */
export function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'f-chat-files-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A served site with a folder, and people in their browsers. */
export async function fileSite(
  t: Test,
  db: TestDatabase,
  config: SiteConfig = {},
  more: TestApp = {},
): Promise<FileSite> {
  const folder = temporaryFolder(t)
  const log = recordingLog()
  const site = await labSite(
    t,
    db,
    { ...app, ...more, doctypes: { ...app.doctypes, ...more.doctypes } },
    { path: folder, config, log },
  )
  await addUser(site, ANN, ['Keeper'], { new_password: PASSWORD })
  await addUser(site, BEN, ['Keeper'], { new_password: PASSWORD })
  await addUser(site, WEB, ['Keeper'], { new_password: PASSWORD, user_type: 'Website User' })
  const served = await serve(t, site)
  return {
    site,
    served,
    folder,
    errors: log.errors,
    guest: served.client(),
    ann: await served.login(ANN, PASSWORD),
    ben: await served.login(BEN, PASSWORD),
    web: await served.login(WEB, PASSWORD),
    admin: await served.login('Administrator', 'admin-password'),
  }
}

export const UPLOAD = '/api/method/upload_file'

type Content = string | Uint8Array<ArrayBuffer>

/** A form with fields in this order; `file` may be anywhere among them. */
export function form(entries: Record<string, string | { name: string; content: Content }>): FormData {
  const data = new FormData()
  for (const [key, value] of Object.entries(entries)) {
    if (typeof value === 'string') data.append(key, value)
    else data.append(key, new Blob([value.content]), value.name)
  }
  return data
}

export async function upload(
  client: Client,
  name: string,
  content: Content,
  fields: Record<string, string> = {},
): Promise<Answer> {
  return await client.request('POST', UPLOAD, { body: form({ ...fields, file: { name, content } }) })
}

/** Uploads what must be accepted; answers the File. */
export async function uploaded(
  client: Client,
  name: string,
  content: Content,
  fields: Record<string, string> = {},
): Promise<Body> {
  const answer = await upload(client, name, content, fields)
  if (answer.status !== 200) throw new Error(`upload of ${name}: ${String(answer.status)} ${answer.text}`)
  return answer.body.message
}

/** What lies in a site's folders of files. */
export function stored({ folder }: { folder: string }): {
  public: string[]
  private: string[]
  temporary: string[]
} {
  const list = (...parts: string[]): string[] => {
    const place = path.join(folder, ...parts)
    return statSync(place, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(place).sort() : []
  }
  return {
    public: list('public', 'files'),
    private: list('private', 'files'),
    temporary: list('private', '.uploads'),
  }
}

/** The smallest PNG. */
export const PNG = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
)
