import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ANN } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'

await eachDatabase(t, 'the description of what can be called', async (t, db) => {
  const wire = await wireSite(t, db)
  const ann = await wire.browser(ANN)

  await t.test('is OpenAPI, made from the schemas that check the arguments', async (t) => {
    const { status, body } = await ann.get('/api/docs/json')
    t.equal(status, 200)
    const { valid, errors } = await new Validator().validate(structuredClone(body))
    t.same([valid, errors], [true, undefined])
    const methods = wire.site.registry.apps.flatMap((app) => app.methods)
    t.same(
      Object.keys(body.paths).toSorted(),
      methods.map(({ name }) => `/api/method/${name}`).toSorted(),
      'every method is there',
    )
    t.same(
      methods.filter(({ summary = '' }) => !/^\p{Lu}.*\.$/su.test(summary)).map(({ name }) => name),
      [],
      'each is told of in a sentence',
    )
    const send = body.paths['/api/method/f_chat.send_message']
    t.same(Object.keys(send), ['post', 'put'], 'what writes is not offered as GET')
    t.match(send.post, {
      tags: ['f_chat'],
      'x-aliases': ['f_chat.APIs.notification_chatroom.chat_apis.chat_api.send_message'],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { required: ['room_id', 'message_content'] } } },
      },
      responses: {
        200: {
          content: {
            'application/json': {
              schema: { properties: { message: { properties: { data: { properties: { seq: {} } } } } } },
            },
          },
        },
      },
    })
    const [limit] = body.paths['/api/method/f_chat.sync'].get.parameters
    t.match(limit, { name: 'rooms', in: 'query', content: { 'application/json': {} } })
    t.match(body.paths['/api/method/upload_file'].post.requestBody.content, { 'multipart/form-data': {} })
  })

  await t.test('is a page for people, with nothing inline', async (t) => {
    const { status, text, headers } = await ann.page('/api/docs')
    t.equal(status, 200)
    t.match(headers.get('content-type'), /html/)
    t.match(text, /<details class="method" id="f_chat\.send_message"/)
    t.notMatch(text, /<script(?![^>]*src=)|style="|\son\w+="/)
  })

  await t.test('is for users', async (t) => {
    const guest = wire.served.client()
    t.match(await guest.page('/api/docs'), { status: 302 })
    t.match(await guest.get('/api/docs/json'), { status: 401, body: { exc_type: 'AuthenticationError' } })
  })
})
