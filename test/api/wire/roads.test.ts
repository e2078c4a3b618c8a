import t, { type Test } from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { CALLERS, Crossing, readRoads, sees, type Caller, type Road } from '../../support/roads.ts'

t.setTimeout(240_000)

/** What only members may ever be shown; the room's name is its metadata. */
const SAID = /zebra words|zebra\.txt/

const label = ({ get, put, patch, post, upload, body, ...road }: Road): string =>
  `${get ?? put ?? patch ?? post ?? road.delete ?? 'upload_file'} ${JSON.stringify(body ?? upload ?? '')}`

await eachDatabase(t, 'no road leads around the rules', async (t, db) => {
  const crossing = await Crossing.open(t, db)

  for (const road of readRoads('reads')) {
    await t.test(label(road), async (t) => {
      for (const caller of CALLERS) {
        const { status, text } = await crossing.ask(caller, road)
        if (road.to === 'nobody') t.ok(status >= 400 && status < 500, `${caller}: ${String(status)}`)
        else if (sees(road, caller)) {
          t.equal(status, 200, `${caller} may: ${text.slice(0, 300)}`)
          t.match(text, new RegExp(crossing.fill(road.shows ?? '', caller)), `${caller} sees it`)
          if (road.of === 'mail' || road.of === 'server')
            t.notMatch(text, SAID, `${caller} reads nothing that was said`)
        } else t.ok(status < 500, `${caller}: ${String(status)}`)
        if (sees(road, caller)) continue
        t.notMatch(text, /zebra/, `${caller} reads nothing`)
        await isMissing(t, caller, road, text)
      }
    })
  }

  let before = await crossing.dump()
  for (const road of readRoads('writes')) {
    await t.test(label(road), async (t) => {
      for (const caller of CALLERS) {
        if (road.but?.includes(caller)) continue
        const { status, text } = await crossing.ask(caller, road)
        const after = await crossing.dump()
        t.ok(after === before, `${caller} changes nothing: ${String(status)} ${text.slice(0, 300)}`)
        before = after
        if (!road.quiet)
          t.ok(status >= 400 && status < 500, `${caller} is refused: ${String(status)} ${text.slice(0, 300)}`)
        await isMissing(t, caller, road, text)
      }
    })
  }

  async function isMissing(t: Test, caller: Caller, road: Road, text: string): Promise<void> {
    const nowhere = crossing.nowhere(road, caller)
    if (!nowhere) return
    const missing = await crossing.ask(caller, road, nowhere)
    t.equal(crossing.asNowhere(text, nowhere), missing.text, `${caller}: hidden is missing`)
  }
})
