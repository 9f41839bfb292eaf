// examples · live: keeps the card of an order true without a reload.
const card = document.querySelector('#card');
const { order } = card.dataset;

/** The server writes the card; it says whether something is still to come. */
async function refresh() {
  const reply = await fetch(`/orders/${order}/card`);
  if (!reply.ok) return;
  card.innerHTML = await reply.text();
}

/** Paid, and not shipped yet: the handler runs a moment after the payment has changed. */
async function settle(turn = 0) {
  await refresh();
  const isSettled = card.firstElementChild?.dataset.settled === 'yes';
  if (!isSettled && turn < 20) setTimeout(settle, 250, turn + 1);
}

/** Where no stream comes through: asks as often as the answer says. */
async function poll(seen) {
  const reply = await fetch(`/orders/${order}/state`).catch(() => undefined);
  const told = reply?.ok ? await reply.json() : {};
  if (told.over) return settle();
  if (told.state !== seen) await refresh();
  setTimeout(poll, told.pollAfterMs ?? 5000, told.state);
}

const stream = new EventSource(`/orders/${order}/live`);
let failures = 0;
stream.addEventListener('payment', ({ data }) => {
  failures = 0;
  const { over } = JSON.parse(data);
  if (over) stream.close();
  void (over ? settle() : refresh());
});
// The browser opens a stream again by itself; one that cannot be had at all is given up.
stream.addEventListener('error', () => {
  failures += 1;
  if (stream.readyState !== EventSource.CLOSED && failures < 3) return;
  stream.close();
  void poll();
});
