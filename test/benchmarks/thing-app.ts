import { field, forManagers, testApp } from '../support/fixtures-app.ts'
import { loadDesk } from '../../desk/site/open.ts'
import { migrateWithUsers } from '../../desk/site/create.ts'
import { Site, type Log } from '../../desk/site/site.ts'
import type { Database } from '../../desk/db/index.ts'
import type { LoadedApp } from '../../desk/site/apps.ts'

export const ADMIN_PASSWORD = 'admin-password'

/** A DocType as business apps have them: some texts, numbers, dates, a choice and a link. */
export const thing = {
  autoname: 'hash',
  permissions: forManagers,
  fields: [
    field('title', 'Data', { reqd: 1 }),
    field('status', 'Select', { options: 'Open\nClosed', default: 'Open', search_index: 1 }),
    field('amount', 'Currency'),
    field('quantity', 'Int'),
    field('due', 'Date'),
    field('is_urgent', 'Check'),
    field('responsible', 'Link', { options: 'User' }),
    field('remarks', 'Text'),
  ],
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

export const things = (count: number): LoadedApp =>
  testApp({
    doctypes: Object.fromEntries(
      Array.from({ length: count }, (_, i) => [i === 0 ? 'Thing' : `Thing ${String(i)}`, thing]),
    ),
  })

/** A migrated site with desk and that many DocTypes. */
export async function thingSite(database: Database, count: number): Promise<Site> {
  const site = await openThings(database, count)
  await migrateWithUsers(site, ADMIN_PASSWORD)
  return site
}

/** The site as each process opens it. */
export async function openThings(database: Database, count: number): Promise<Site> {
  const parts = { name: 'bench', path: '/nonexistent', config: { time_zone: 'UTC' }, database, log: silent }
  return new Site({ ...parts, apps: [await loadDesk(), things(count)] })
}
