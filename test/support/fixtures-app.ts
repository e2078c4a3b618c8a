import type { Test } from 'tap'
import type { AppDefinition } from '../../desk/app.ts'
import type { Database } from '../../desk/db/index.ts'
import type { DocumentClass } from '../../desk/document/document.ts'
import type { Job } from '../../desk/jobs/job.ts'
import type { Method } from '../../desk/method.ts'
import { Meta } from '../../desk/meta/meta.ts'
import { parseDocType } from '../../desk/meta/parse.ts'
import type { LoadedApp } from '../../desk/site/apps.ts'
import type { SiteConfig } from '../../desk/site/config.ts'
import { migrateWithUsers } from '../../desk/site/create.ts'
import { migrate } from '../../desk/site/migrate.ts'
import { loadDesk } from '../../desk/site/open.ts'
import { Site, type Log } from '../../desk/site/site.ts'
import { docType } from './doctypes.ts'
import type { TestDatabase } from './databases.ts'

export const ADMIN_PASSWORD = 'admin-password'
export const PASSWORD = 'a good password'

type Json = Record<string, unknown>

/** What a test's own app brings; DocTypes as their JSON, the keys that every one has left out. */
export interface TestApp extends Partial<AppDefinition> {
  doctypes?: Record<string, Json>
  controllers?: Record<string, DocumentClass>
  methods?: readonly Method[]
  jobs?: readonly Job[]
}

/** An app that lives in the test alone. */
export function testApp({
  doctypes = {},
  controllers = {},
  methods = [],
  jobs = [],
  name = 'lab',
  ...hooks
}: TestApp): LoadedApp {
  return {
    definition: { title: 'Lab', ...hooks, name },
    version: '1.0.0',
    root: '/nonexistent',
    methods: [...methods],
    jobs: [...jobs],
    doctypes: Object.entries(doctypes).map(([doctype, json]) => {
      const controller = controllers[doctype]
      return {
        meta: new Meta(parseDocType(docType({ ...json, name: doctype }), doctype), name),
        ...(controller ? { controller } : {}),
      }
    }),
  }
}

export const field = (fieldname: string, fieldtype = 'Data', keys: Json = {}): Json => ({
  fieldname,
  fieldtype,
  ...keys,
})

/** Rights that System Managers have in a test's DocTypes. */
export const forManagers = [{ role: 'System Manager', read: 1, write: 1, create: 1, delete: 1 }]

export interface LabOptions {
  /** The site's folder; files need one. */
  path?: string
  config?: SiteConfig
  log?: Log
  apps?: readonly LoadedApp[]
}

/** What the site logged as unexpected. */
export function recordingLog(): Log & { errors: { err?: unknown }[] } {
  const errors: { err?: unknown }[] = []
  return {
    errors,
    info: () => undefined,
    warn: () => undefined,
    error: (details) => errors.push(details),
  }
}

/** A site with desk and a test's app, on a new database; closed when the subtest ends. */
export async function labSite(
  t: Test,
  db: TestDatabase,
  app: TestApp,
  options: LabOptions = {},
): Promise<Site> {
  return await labSiteOn(t, await db.open(), app, options)
}

export async function labSiteOn(
  t: Test,
  database: Database,
  app: TestApp,
  { path = '/nonexistent', config = {}, log = recordingLog(), apps = [] }: LabOptions = {},
): Promise<Site> {
  const desk = await loadDesk()
  const parts = {
    name: 'lab.test',
    path,
    config: { time_zone: 'UTC', encryption_key: 'of the lab', ...config },
    database,
    log,
  }
  const site = new Site({ ...parts, apps: [desk, ...apps, testApp(app)] })
  await migrateWithUsers(site, ADMIN_PASSWORD)
  await migrate(site)
  t.teardown(() => site.close())
  return site
}

/** A person of the site, with a password unless the test needs none. */
export async function addUser(
  site: Site,
  email: string,
  roles: readonly string[] = [],
  values: Json = {},
): Promise<string> {
  await site.asAdministrator(async (ctx) => {
    for (const role of roles) {
      if (!(await ctx.exists('Role', role))) await ctx.insert('Role', { role_name: role })
    }
    await ctx.insert('User', {
      email,
      first_name: email.split('@')[0],
      roles: roles.map((role) => ({ role })),
      ...values,
    })
  })
  return email
}

/** What an error must be, for `rejects`: its status and class. */
export const refusal = (
  status: number,
  excType: string,
  message = /./,
): { status: number; excType: string; message: RegExp } => ({ status, excType, message })
