import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, field, forManagers, labSite } from '../../support/fixtures-app.ts'
import { serve } from '../../support/server.ts'

await eachDatabase(t, 'documents named by a number', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: {
      Ticket: {
        autoname: 'autoincrement',
        fields: [field('subject'), field('rows', 'Table', { options: 'Step' })],
        permissions: forManagers,
        track_changes: 1,
      },
      Step: { istable: 1, fields: [field('text')] },
      Note: { fields: [field('ticket', 'Link', { options: 'Ticket' })], permissions: forManagers },
    },
  })
  const client = await (await serve(t, site)).login('Administrator', ADMIN_PASSWORD)
  const made = await client.post('/api/resource/Ticket', { subject: 'one', rows: [{ text: 'a' }] })
  t.equal(made.status, 200, made.text)
  t.equal(made.body.data.name, 1)
  t.equal((await client.post('/api/resource/Ticket', { subject: 'two' })).body.data.name, 2)
  const got = await client.get('/api/resource/Ticket/1')
  t.match(got.body.data, { name: 1, subject: 'one', rows: [{ text: 'a', parent: '1' }] })
  t.equal((await client.put('/api/resource/Ticket/1', { subject: 'changed' })).status, 200)
  t.same((await client.get('/api/resource/Ticket?order_by=name asc')).body.data, [{ name: 1 }, { name: 2 }])
  t.same((await client.get('/api/resource/Ticket?filters={"name":2}')).body.data, [{ name: 2 }])
  const linked = await client.post('/api/resource/Note', { ticket: 1 })
  t.equal(linked.status, 200, linked.text)
  t.equal((await client.post('/api/resource/Note', { ticket: 9 })).status, 417)
  t.equal((await client.delete('/api/resource/Ticket/1')).status, 417, 'it is linked')
  t.equal((await client.delete('/api/resource/Ticket/2')).status, 202)
  t.equal(
    (await client.post('/api/resource/Ticket', { subject: 'three' })).body.data.name,
    3,
    'no number twice',
  )
  for (const name of ['01', '1.0', '1x', 'x', ' 1'])
    t.equal((await client.get(`/api/resource/Ticket/${encodeURIComponent(name)}`)).status, 404, name)
})
