import { type Context, type DemoSize, type Site } from '@f-chat/desk'
import { demoRooms, DEMO_USERS } from './seed-demo.ts'
import { storeRooms, type RoomSeed, type SeedMember } from './seed-rows.ts'

/**
 * Fills a site: without numbers with the three rooms of the demo (once, and where its users are), with numbers
 * with that much generated talk, of which the first user hears everything.
 */
export async function seedDemo(
  site: Site,
  size: DemoSize,
  told?: (done: number, total: number) => void,
): Promise<void> {
  if (size.rooms === undefined && size.messages === undefined) {
    await site.asAdministrator((ctx) => seedTalk(ctx))
    return
  }
  const users = await seedUsers(site, size.users ?? 20)
  const rooms = size.rooms ?? 20
  const messages = size.messages ?? rooms * 100
  for (let i = 0; i < rooms; i++) {
    const share = Math.floor(((i + 1) * messages) / rooms) - Math.floor((i * messages) / rooms)
    const room = generateRoom(site, i, users, Math.max(1, share))
    await site.asAdministrator((ctx) => storeRooms(ctx, [room]))
    told?.(i + 1, rooms)
  }
}

async function seedTalk(ctx: Context): Promise<void> {
  const users = Object.values(DEMO_USERS)
  const present = await ctx.db('tabUser').whereIn('name', users).pluck<string[]>('name')
  const talking = await ctx.db('tabChat Room Member').whereIn('user', users).first<object | undefined>('name')
  if (present.length === users.length && !talking)
    await storeRooms(ctx, demoRooms(ctx.site.clock, Date.now()))
}

async function seedUsers(site: Site, count: number): Promise<string[]> {
  return await site.asAdministrator(async (ctx) => {
    const users: string[] = []
    for (let i = 1; i <= count; i++) {
      const email = `user${String(i).padStart(4, '0')}@demo.example`
      users.push(email)
      if (await ctx.exists('User', email)) continue
      await ctx.insert('User', {
        email,
        first_name: pick(FIRST_NAMES, i),
        last_name: pick(LAST_NAMES, i * 7),
        roles: [{ role: 'Chat User' }],
      })
    }
    return users
  })
}

const FIRST_NAMES = [
  'Amara',
  'Björn',
  'Chiara',
  'Dmytro',
  'Elif',
  'Farid',
  'Grace',
  'Hana',
  'Ivo',
  'Jūratė',
  'Kenji',
  'Łucja',
]
const LAST_NAMES = [
  'Andersen',
  'Bianchi',
  'Çelik',
  'Dvořák',
  'Eze',
  'Farah',
  'García',
  'Haddad',
  'Ito',
  'Jansen',
  'Kovač',
]
const TOPICS = [
  'Orders',
  'Returns',
  'Harbour',
  'Quality',
  'Spring fair',
  'Invoices',
  'Shift plan',
  'Packaging',
  'Fleet',
]
const PHRASES = [
  'The pallet for bay 3 is short two boxes.',
  'Thanks, I will call them after lunch.',
  'Can somebody confirm the delivery date?',
  'Confirmed: Thursday morning.',
  'The carrier wants the papers by noon.',
  'Done, they are in the folder.',
  'New price list attached to the order.',
  'I am on it.',
  'Please check line 4 before we send it.',
  'Looks right to me 👍',
]

const pick = (from: readonly string[], i: number): string => from[i % from.length] ?? ''

const SPAN_MS = 30 * 86_400_000

/** A room of about eight; its messages are spread evenly over the last month. The same numbers give the same room. */
function generateRoom(site: Site, number: number, users: readonly string[], messages: number): RoomSeed {
  const size = Math.min(users.length, 8)
  const members = Array.from({ length: size }, (_, i): SeedMember => ({
    user: i === 0 ? (users[0] ?? '') : (users[1 + ((number * 5 + i) % (users.length - 1))] ?? ''),
    role: i === 0 ? 'Admin' : 'Member',
    unseen: (number * 3 + i * 7) % 12,
  }))
  const begin = Date.now() - SPAN_MS
  const room_name = `${pick(TOPICS, number)} ${String(number + 1)}`
  return {
    room_name,
    room_type: 'Group Chat',
    members,
    messages: Array.from({ length: messages }, (_, i) => ({
      sender: members[i === 0 ? 0 : (i * 5 + number) % size]?.user ?? '',
      content: i === 0 ? `${room_name} created` : pick(PHRASES, i * 3 + number),
      at: site.clock.at(begin + Math.floor((SPAN_MS * (i + 1)) / (messages + 1))),
    })),
  }
}
