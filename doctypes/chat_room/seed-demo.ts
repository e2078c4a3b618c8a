import type { RoomSeed, SeedMessage } from './seed-rows.ts'

/** The demo's users, whom the app of the demo brings. */
export const DEMO_USERS = {
  asha: 'asha@demo.example',
  mikael: 'mikael@demo.example',
  rania: 'rania@demo.example',
  tomas: 'tomas@demo.example',
} as const

type Who = keyof typeof DEMO_USERS

/** Tells the site's time for an instant. */
interface SiteClock {
  at(ms: number): string
}

/** `[days ago, time of day]`, or minutes ago. */
type When = readonly [days: number, time: string] | number

const DAY_MS = 86_400_000

/** Three rooms in which four people have talked over the last days, up to some minutes before `now` (ms). */
export function demoRooms(clock: SiteClock, now: number): RoomSeed[] {
  const at = (when: When): string =>
    typeof when === 'number'
      ? clock.at(now - when * 60_000)
      : `${clock.at(now - when[0] * DAY_MS).slice(0, 10)} ${when[1]}:00.000000`
  const talk = (lines: readonly (readonly [Who, When, string])[]): SeedMessage[] =>
    lines.map(([who, when, content]) => ({ sender: DEMO_USERS[who], at: at(when), content }))
  const { asha, mikael, rania, tomas } = DEMO_USERS
  return [
    {
      room_name: 'Company news',
      room_type: 'Announcement',
      description: 'What everybody should know. Admins post here.',
      members: [
        { user: rania, role: 'Admin', unseen: 0 },
        { user: asha, role: 'Moderator', unseen: 0 },
        { user: mikael, role: 'Member', unseen: 1 },
        { user: tomas, role: 'Member', unseen: 2 },
      ],
      messages: talk(NEWS),
    },
    {
      room_name: 'Warehouse',
      room_type: 'Group Chat',
      description: 'Deliveries, stock and the loading bays.',
      members: [
        { user: asha, role: 'Admin', unseen: 2 },
        { user: mikael, role: 'Member', unseen: 3 },
        { user: rania, role: 'Member', unseen: 5 },
        { user: tomas, role: 'Moderator', unseen: 0 },
      ],
      messages: talk(WAREHOUSE),
    },
    {
      room_name: 'Asha Verma, Mikael Lindqvist',
      room_type: 'Direct Message',
      members: [
        { user: mikael, role: 'Admin', unseen: 0 },
        { user: asha, role: 'Member', unseen: 2 },
      ],
      messages: talk(DIRECT),
    },
  ]
}

const NEWS = [
  ['rania', [6, '08:02'], 'Rania Haddad created Company news'],
  ['rania', [6, '08:05'], 'Good morning everyone. From now on, news for the whole house is posted here.'],
  [
    'asha',
    [4, '11:30'],
    'The spring price list is final. It is valid for all orders from the 1st of next month.',
  ],
  [
    'rania',
    [2, '15:45'],
    'Stocktaking is on Friday. The warehouse closes at 13:00; please plan deliveries around it.',
  ],
  ['rania', [1, '09:10'], 'Welcome to Tomás, who takes over the harbour route this week! 👋'],
] as const

const WAREHOUSE = [
  ['asha', [5, '08:40'], 'Asha Verma created Warehouse'],
  [
    'asha',
    [5, '08:41'],
    'Let us keep everything about deliveries in one place. Mikael, what does the week look like?',
  ],
  ['mikael', [5, '08:47'], 'Three trucks tomorrow, two on Thursday. Nordlys wants theirs before ten.'],
  ['tomas', [5, '08:52'], 'Bay 2 is free from seven. I can take Nordlys first.'],
  ['mikael', [5, '08:53'], 'Perfect, thanks!'],
  ['rania', [4, '14:10'], 'Café Jūra called: two boxes of the espresso cups arrived broken.'],
  ['tomas', [4, '14:18'], 'Seen. I have four spare boxes here, they can go out today.'],
  ['rania', [4, '14:20'], 'Great, I will tell them. Please put it on their open order.'],
  ['asha', [3, '10:05'], 'Reminder: the scale in bay 1 is being calibrated this afternoon, 14:00–15:00.'],
  ['mikael', [3, '10:09'], '👍'],
  [
    'tomas',
    [2, '16:31'],
    'Count for the stocktaking is done up to aisle F. Two differences, both in glassware.',
  ],
  ['asha', [2, '16:40'], 'Well done. Send me the list and I will book it.'],
  ['tomas', [2, '16:44'], 'It is in the shared folder: differences-aisle-f.'],
  ['rania', [1, '11:02'], 'Zielona Spiżarnia moved their order to next Tuesday.'],
  ['mikael', [1, '11:15'], 'Then we have room for the Hansen pallet on Friday.'],
  ['asha', [1, '11:16'], 'Yes please.'],
  [
    'mikael',
    94,
    'The carrier is here for the Hansen pallet, but the papers say four parcels and I count five.',
  ],
  ['tomas', 88, 'The fifth is the replacement for the broken lamp. I will print a new sheet.'],
  ['mikael', 85, 'Thank you. He waits at bay 3.'],
  ['tomas', 71, 'Sheet is with the driver, he is off.'],
  ['tomas', 26, 'And bay 3 is free again. Next one is Nordlys at half past.'],
] as const

const DIRECT = [
  ['mikael', [3, '13:20'], 'Mikael Lindqvist started this conversation'],
  ['mikael', [3, '13:20'], 'Hi Asha, do you have a minute for the Nordlys offer?'],
  ['asha', [3, '13:24'], 'Sure. They asked for 8% on the lamps, didn’t they?'],
  ['mikael', [3, '13:26'], 'Yes, but only if they take sixty. I would offer 6% for forty.'],
  ['asha', [3, '13:31'], 'Sounds fair. Put it in and I will approve it.'],
  ['mikael', [3, '13:58'], 'Done, it is in their open order.'],
  ['asha', [3, '14:02'], 'Approved 🎉'],
  ['asha', [1, '17:12'], 'Did they answer?'],
  ['mikael', 41, 'They did: forty lamps, delivery in two weeks.'],
  ['mikael', 40, 'Could you look at the delivery date before I confirm?'],
] as const
