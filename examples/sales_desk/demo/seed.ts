import type { Context, Site } from '@f-chat/desk'
import { EMPLOYEES, TEAMS } from './people.ts'
import { CUSTOMERS, ITEMS, STATUSES } from './trade.ts'

const PASSWORD = 'demo'
const ORDERS = 64

/** Four people who can log in, and the business they work in. Run again, it adds nothing. */
export async function seedDemo(site: Site): Promise<void> {
  await site.asAdministrator(async (ctx) => {
    await seedUsers(ctx)
    if (await ctx.exists('Customer', CUSTOMERS[0][0])) return
    const employees = await seedEmployees(ctx)
    await seedTeams(ctx, employees)
    await seedCustomers(ctx, employees)
    for (let i = 0; i < ORDERS; i++) await ctx.insert('Sales Order', order(i, ctx.now()))
  })
}

async function seedUsers(ctx: Context): Promise<void> {
  const roles = ['Employee', 'Sales User']
  if (await ctx.exists('Role', 'Chat User')) roles.push('Chat User')
  for (const { email, first_name, last_name } of EMPLOYEES) {
    if (email === null || (await ctx.exists('User', email))) continue
    await ctx.insert('User', {
      email,
      first_name,
      last_name,
      user_type: 'System User',
      enabled: 1,
      new_password: PASSWORD,
      roles: roles.map((role) => ({ role })),
    })
  }
}

/** @returns ids and logins by first name */
async function seedEmployees(ctx: Context): Promise<Map<string, { name: string; user: string | null }>> {
  const employees = new Map<string, { name: string; user: string | null }>()
  for (const [i, { first_name, last_name, email, department, designation, joined }] of EMPLOYEES.entries()) {
    const { name } = await ctx.insert('Employee', {
      employee_name: `${first_name} ${last_name}`,
      user_id: email,
      department,
      designation,
      date_of_joining: joined,
      phone: `+45 70 10 22 ${String(30 + i)}`,
    })
    employees.set(first_name, { name, user: email })
  }
  return employees
}

type Employees = Awaited<ReturnType<typeof seedEmployees>>

async function seedTeams(ctx: Context, employees: Employees): Promise<void> {
  for (const { team_name, purpose, members } of TEAMS) {
    await ctx.insert('Team Master', {
      team_name,
      purpose,
      team_lead: employees.get(members[0])?.name,
      members: members.map((member) => ({
        employee: employees.get(member)?.name,
        user: employees.get(member)?.user,
      })),
    })
  }
}

async function seedCustomers(ctx: Context, employees: Employees): Promise<void> {
  const managers = [employees.get('Mikael')?.name, employees.get('Rania')?.name]
  for (const [i, [customer_name, customer_group, city, country, contact_person]] of CUSTOMERS.entries()) {
    await ctx.insert('Customer', {
      customer_name,
      customer_group,
      city,
      country,
      contact_person,
      email: `orders@customer${String(i + 1).padStart(2, '0')}.example`,
      account_manager: managers[i % managers.length],
    })
  }
}

const pick = <T>(from: readonly T[], i: number): T | undefined => from[i % from.length]

/** The same number always gives the same order; the higher, the newer. */
function order(i: number, now: string): Record<string, unknown> {
  const age = ORDERS - 1 - i
  const ordered = addDays(now, -age)
  return {
    customer: pick(CUSTOMERS, i * 11)?.[0],
    status:
      i % 17 === 16
        ? 'Cancelled'
        : STATUSES[Math.min(STATUSES.length - 1, Math.floor((i * STATUSES.length) / ORDERS))],
    order_date: ordered,
    delivery_date: addDays(ordered, 3 + (i % 12)),
    items: Array.from({ length: 1 + (i % 4) }, (_, line) => {
      const [item_name, rate] = pick(ITEMS, i * 5 + line * 3) ?? ITEMS[0]
      return { item_name, rate, qty: 1 + ((i * 7 + line * 5) % 24) }
    }),
  }
}

/** @param day `YYYY-MM-DD…` */
function addDays(day: string, days: number): string {
  const date = new Date(`${day.slice(0, 10)}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}
