import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

const doctypes = {
  Bill: {
    autoname: 'B-.YYYY.-',
    permissions: forManagers,
    fields: [field('kind'), field('amount', 'Int')],
  },
  Stamp: { autoname: 'format:S-{JJJ}-{kind}', permissions: forManagers, fields: [field('kind')] },
}

await eachDatabase(t, 'Document Naming Rule', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  const year = site.clock.now().slice(0, 4)
  const bill = async (values: Record<string, unknown>): Promise<string> =>
    (await site.asAdministrator((ctx) => ctx.insert('Bill', values))).name
  const rule = (values: Record<string, unknown>): Promise<unknown> =>
    site.asAdministrator((ctx) => ctx.insert('Document Naming Rule', { document_type: 'Bill', ...values }))

  t.equal(
    await bill({}),
    `B-${year}-00001`,
    'without a rule, by the DocType; a number is added to its series',
  )
  await rule({ prefix: 'RENT-.YY.-', prefix_digits: 3, conditions: [{ field: 'kind', value: 'rent' }] })
  await rule({
    prefix: 'BIG-.kind.-',
    prefix_digits: 2,
    priority: 5,
    counter: 7,
    conditions: [{ field: 'amount', condition: '>=', value: '100' }],
  })
  t.equal(await bill({ kind: 'rent', amount: 20 }), `RENT-${year.slice(2)}-001`)
  t.equal(await bill({ kind: 'rent', amount: 9 }), `RENT-${year.slice(2)}-002`)
  t.equal(
    await bill({ kind: 'rent', amount: 1000 }),
    'BIG-rent-08',
    'the higher priority; numbers as numbers',
  )
  t.equal(await bill({ kind: 'food' }), `B-${year}-00002`)
  await Promise.all(Array.from({ length: 5 }, () => bill({ kind: 'rent' })))
  t.equal(
    await bill({ kind: 'rent' }),
    `RENT-${year.slice(2)}-008`,
    'no number comes twice, none is left out',
  )
  await t.rejects(rule({ prefix: 'X', prefix_digits: 0 }), refusal(417, 'ValidationError', /Digits/))
  await t.rejects(
    rule({ prefix: 'X', conditions: [{ field: 'nope', value: '1' }] }),
    refusal(417, 'ValidationError', /no field "nope"/),
  )
  await t.rejects(rule({ prefix: 'X', document_type: 'Nope' }), refusal(417, 'LinkValidationError'))
  const { name } = await site.asAdministrator((ctx) => ctx.insert('Stamp', { kind: 'x' }))
  t.match(name, /^S-\d{3}-x$/)
})
