import { randomUUID } from 'node:crypto'
import desk from '@f-chat/desk'
import Fastify from 'fastify'

const { PORT = '8080', BENCH_PATH = '.bench-embedded', PREFIX = '' } = process.env

const people = {
  'nora@harbour.example': { name: 'Nora Lind', roles: ['Chat User', 'Chat Admin'] },
  'jonas@harbour.example': { name: 'Jonas Weber', roles: ['Chat User'] },
}
/** Who is logged in, by the application's own cookie. */
const logins = new Map()
const userOf = ({ headers }) => logins.get(/(?:^|; )harbour=([\w-]+)/.exec(headers.cookie ?? '')?.[1])

const app = Fastify({ forceCloseConnections: true })
app.addContentTypeParser(
  'application/x-www-form-urlencoded',
  { parseAs: 'string' },
  (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body)))
  },
)

// The chat: a site on SQLite, made at the first start, whose users are those of this application.
await app.register(desk, {
  benchPath: BENCH_PATH,
  site: 'harbour.localhost',
  apps: ['f-chat'],
  create: true,
  ...(PREFIX && { prefix: PREFIX }),
  identify(request) {
    const user = userOf(request)
    return user ? { user, fullName: people[user].name, roles: people[user].roles } : null
  },
})
const chat = `<script type="module" src="${PREFIX}/assets/f_chat/f-chat.js"></script>`

const page = (reply, title, body) =>
  reply.type('text/html').header('Content-Security-Policy', "default-src 'self'").send(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><link rel="stylesheet" href="/style.css"></head><body>${body}</body></html>`)

app.get('/style.css', (_request, reply) =>
  reply.type('text/css').send(`body { margin: 0; font: 15px sans-serif } main { padding: 8px 24px }
    .navbar { display: flex; justify-content: space-between; padding: 10px 24px; background: #e8eef7 }
    .navbar-nav { display: flex; align-items: center; gap: 20px; margin: 0; list-style: none }`),
)
app.get('/login', (_request, reply) => {
  const options = Object.keys(people).map((user) => `<option>${user}</option>`)
  return page(
    reply,
    'Log in',
    `<main><h1>Harbour</h1><form method="post" action="/login">
    <label>Who are you? <select name="user">${options.join('')}</select></label> <button>Log in</button></form></main>`,
  )
})
app.post('/login', ({ body }, reply) => {
  if (!Object.hasOwn(people, body.user)) return reply.status(401).send('Nobody of that name works here.')
  const id = randomUUID()
  logins.set(id, body.user)
  return reply.header('Set-Cookie', `harbour=${id}; Path=/; HttpOnly; SameSite=Lax`).redirect('/')
})
app.get('/', (request, reply) => {
  const user = userOf(request)
  if (!user) return reply.redirect('/login')
  return page(
    reply,
    'Ships',
    `<header class="navbar"><strong>Harbour</strong><ul class="navbar-nav">
    <li><a href="/map">Map</a></li><li>${people[user].name}</li></ul></header>
    <main><h1>Ships today</h1><p>Aurora, 14:30, pier 2</p></main>${chat}`,
  )
})
app.get('/map', (_request, reply) =>
  page(reply, 'Map', `<main><h1>Map</h1><p>Pier 1, pier 2.</p></main>${chat}`),
)
app.get('/api/ships', () => [{ name: 'Aurora', pier: 2 }])

console.log(`Harbour is open at ${await app.listen({ port: Number(PORT), host: '127.0.0.1' })}`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void app.close())
