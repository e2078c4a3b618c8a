// A classic script that runs before the first paint, so it shares no code: "light", "dark" or nothing is kept in
// localStorage, and without a choice the page's own theme or the browser's preference holds.
{
  const root = document.documentElement
  const given = root.dataset.theme
  const apply = () => {
    let chosen: string | null = null
    try {
      chosen = localStorage.getItem('desk-theme')
    } catch {
      // Storage may be forbidden; the browser's preference is a good answer.
    }
    if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen
    else if (given) root.dataset.theme = given
    else delete root.dataset.theme
  }
  apply()
  addEventListener('storage', apply)
  addEventListener('desk-theme', apply)
}
