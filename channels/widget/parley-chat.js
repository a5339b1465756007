// The chat on a company's own site: one element with a shadow of its own. Nothing of the page gets in, and nothing of it
// gets out but requests to the server this script came from. Everything is written with textContent and a constructed
// stylesheet, so a page may keep a content-security policy without 'unsafe-inline'.

(() => {
  const script = document.currentScript ?? document.querySelector('script[src*="/widget/parley-chat.js"]');
  const API = new URL("../api/chat", script.src).href;
  const PHONE = "(max-width: 480px)";
  const ANSWER_MILLISECONDS_MAX = 60_000;
  const AGAIN_MILLISECONDS = 1_000;
  const AGAIN_MILLISECONDS_MAX = 30_000;
  const FILES_MAX = 5;
  const FILE_BYTES_MAX = 10 * 1024 * 1024;
  const FILES_BYTES_MAX = 25 * 1024 * 1024;

  const STYLE = "{{ style }}"; // parley-chat.css, put in by the server

  const ICONS = {
    chat: "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z",
    close: "M6 6l12 12M18 6L6 18",
    send: "M4 12l16-8-6 16-3-7z",
    clip: "M8 12.5l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l7-7",
    file: "M6 3h8l4 4v14H6zM14 3v4h4",
  };

  function make(name, about = {}, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(about)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (key in made && !key.startsWith("aria")) made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...inside);
    return made;
  }

  function icon(name) {
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    drawn.setAttribute("viewBox", "0 0 24 24");
    drawn.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICONS[name]);
    drawn.append(path);
    return drawn;
  }

  function newId() {
    // randomUUID is only there on https and localhost; a company's own network may have neither.
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return crypto.randomUUID?.() ?? bytes.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // Ever longer, and never everybody at the same moment.
  const pause = (misses) => Math.min(AGAIN_MILLISECONDS * 2 ** misses, AGAIN_MILLISECONDS_MAX) * (0.5 + Math.random() / 2);
  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  // Whom a host's token is about. It is only compared here; whether it is good is the server's to say.
  function subject(token) {
    try {
      const bytes = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
      return String(JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)))).sub ?? "");
    } catch {
      return "";
    }
  }

  class ParleyChat extends HTMLElement {
    #kept = {};
    #words = null;
    #places = new Map(); // where each of the server's messages stands, by its id
    #chosen = []; // files that go with the next message
    #offers = null; // the kind of quick answer that the last answer asks for
    #live = null;
    #last = ""; // the last message the stream told of
    #misses = 0;
    #isBusy = false;
    #isLost = false; // the last request found no connection
    #again = 0;
    #speaker = null;
    #unread = 0;
    #begins = null;

    async connectedCallback() {
      if (this.#words !== null || this.shadowRoot !== null) return;
      const shadow = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
      this.#recall();
      const setting = await this.#setting();
      if (setting === null || !this.isConnected) return;
      this.#words = setting.words;
      const colours = new CSSStyleSheet();
      for (const [scheme, { accent, ink }] of Object.entries(setting.colours)) {
        colours.insertRule(`:host { --accent-${scheme}: ${accent}; --accent-ink-${scheme}: ${ink}; }`);
      }
      shadow.adoptedStyleSheets = [sheet, colours];
      this.dataset.side ??= setting.side;
      this.#build(setting);
      addEventListener("online", this.#online);
      addEventListener("offline", this.#offline);
      document.addEventListener("visibilitychange", this.#seen);
      matchMedia(PHONE).addEventListener("change", this.#widthChanged);
      if (this.hasAttribute("data-inline")) this.#show(false);
      else if (this.#kept.isOpen || (this.hasAttribute("data-open") && !matchMedia(PHONE).matches)) this.#show(false);
      await this.#takeUp();
    }

    disconnectedCallback() {
      removeEventListener("online", this.#online);
      removeEventListener("offline", this.#offline);
      document.removeEventListener("visibilitychange", this.#seen);
      matchMedia(PHONE).removeEventListener("change", this.#widthChanged);
      this.#unfollow();
    }

    /** Opens the chat, for a page's own "ask us" button. */
    open() {
      if (this.#words !== null) this.#show(true);
    }

    /** Forgets the conversation on this device, for a page whose visitor signs out. */
    forget() {
      this.#begins = null;
      this.#empty();
    }

    #empty() {
      this.#kept = { page: newId(), who: "", waiting: [], isOpen: this.#kept.isOpen };
      this.#keep();
      this.#unfollow();
      this.#places.clear();
      this.#last = "";
      this.#speaker = null;
      if (this.#words !== null) this.#clear();
    }

    // --- What is kept. In the tab and not on the device: a session opens a customer's account for twelve hours, and on a
    // shared computer the next visitor must not find it. It stays through reloads and from page to page.

    get #shelf() {
      return `parley-chat:${API}:${this.dataset.seller ?? ""}:${this.dataset.about ?? ""}`;
    }

    #recall() {
      try {
        this.#kept = JSON.parse(sessionStorage.getItem(this.#shelf)) ?? {};
      } catch {
        this.#kept = {};
      }
      this.#kept = { page: newId(), who: "", waiting: [], ...this.#kept };
    }

    #keep() {
      const { waiting, ...rest } = this.#kept;
      const kept = waiting.filter((one) => !one.files?.length).map(({ id, text }) => ({ id, text }));
      try {
        sessionStorage.setItem(this.#shelf, JSON.stringify({ ...rest, waiting: kept }));
      } catch {
        // A browser that keeps nothing still chats; only a reload starts again.
      }
    }

    // --- Talking with the server.

    #call(path, { token, body, ...more } = {}, about = {}) {
      const query = new URLSearchParams({ ...(this.dataset.seller && { seller: this.dataset.seller }), ...about });
      const headers = { ...more.headers, ...(token && { Authorization: `Bearer ${token}` }) };
      const isForm = body instanceof FormData;
      if (body && !isForm) headers["Content-Type"] = "application/json";
      return fetch(`${API}${path}?${query}`, {
        ...more,
        headers,
        credentials: "omit",
        ...(body && { method: "POST", body: isForm ? body : JSON.stringify(body) }),
      });
    }

    async #setting() {
      const language = this.dataset.language || this.closest("[lang]")?.lang || document.documentElement.lang;
      for (let misses = 0; this.isConnected; misses += 1) {
        try {
          const answer = await this.#call("/widget", { token: this.dataset.token }, language ? { language } : {});
          if (answer.ok) return await answer.json();
          if (answer.status < 500 && answer.status !== 429) {
            console.warn(`parley-chat: ${(await answer.json().catch(() => ({}))).title ?? answer.status}`);
            return null;
          }
        } catch {
          // Also what a browser says of a site that is not allowed; it tells the console why.
          if (misses === 4) return null;
        }
        await wait(pause(misses));
      }
      return null;
    }

    // What the host's own site says of who is signed in there; empty when it says nothing.
    async #identity() {
      if (this.dataset.identity) return this.dataset.identity;
      if (!this.dataset.identityUrl) return "";
      const answer = await fetch(this.dataset.identityUrl, { headers: { Accept: "text/plain" } });
      return answer.ok ? (await answer.text()).trim() : "";
    }

    // The session to go on with. Whoever signed in or out on the site since goes on as who they are now.
    async #begin() {
      const identity = this.dataset.token ? "" : await this.#identity();
      const who = subject(identity);
      if (this.#kept.session && who !== this.#kept.who) this.#empty();
      this.#kept.who = who;
      const ask = (identity) => this.#call("/session", {
        token: this.dataset.token,
        body: { page: this.#kept.page, about: this.dataset.about, resume: this.#kept.session, ...(identity && { identity }) },
      });
      let answer = await ask(identity);
      // A token that is over says who sits there all the same: their own conversation of before goes on.
      if (answer.status === 401 && identity && this.#kept.session) return;
      if (answer.status === 401 && identity) answer = await ask("");
      if (!answer.ok) throw answer;
      const begun = await answer.json();
      this.#kept.session = begun.session;
      this.#kept.hasBegun = begun.has_begun;
      this.#keep();
    }

    #ready() {
      this.#begins ??= this.#begin().catch((failed) => {
        this.#begins = null;
        throw failed;
      });
      return this.#begins;
    }

    // What was there before a reload, or what our own page already knows.
    async #takeUp() {
      for (const message of this.#kept.waiting) message.place = this.#bubble({ author: "customer", text: message.text, key: message.id });
      if (!this.dataset.token && !this.#kept.hasBegun && this.#kept.waiting.length === 0) return;
      try {
        await this.#ready();
        if (this.#kept.hasBegun) await this.#catchUp();
      } catch {
        this.#lose();
      }
      this.#follow();
      this.#sendNext();
    }

    async #sendNext() {
      const [message] = this.#kept.waiting;
      if (this.#isBusy || message === undefined) return;
      this.#isBusy = true;
      clearTimeout(this.#again);
      this.#showState();
      try {
        await this.#ready();
        let answer = await this.#post(message);
        if (answer.status === 401 || answer.status === 404) {
          // The conversation is over or gone: a new one begins, with the same message.
          Object.assign(this.#kept, { session: undefined, hasBegun: false });
          this.#begins = null;
          await this.#ready();
          answer = await this.#post(message);
        }
        if (answer.status >= 500 || answer.status === 429 || answer.status === 409) throw answer;
        if (answer.ok) await this.#heard(message, await answer.json());
        else this.#refuse(message, await answer.json().catch(() => ({})));
        this.#isLost = false;
        this.#misses = 0;
        this.#isBusy = false;
      } catch {
        this.#isBusy = false;
        return this.#lose();
      }
      this.#keep();
      this.#showState();
      this.#follow();
      this.#sendNext();
    }

    #post({ id, text, files = [] }) {
      const more = { token: this.#kept.session, signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX * (files.length ? 3 : 1)) };
      if (files.length === 0) return this.#call("", { ...more, body: { text, message_id: id } });
      const form = new FormData();
      form.append("text", text);
      form.append("message_id", id);
      for (const file of files) form.append("files", file, file.name);
      return this.#call("/files", { ...more, body: form });
    }

    async #heard(message, turn) {
      this.#kept.waiting = this.#kept.waiting.filter((one) => one !== message);
      Object.assign(this.#kept, { session: turn.session, hasBegun: true });
      message.place.querySelector(".trouble")?.remove();
      this.#keep();
      await this.#catchUp().catch(() => this.#lose());
    }

    // The log as the server has it: every message once, and in the server's order.
    async #catchUp() {
      const answer = await this.#call("", { token: this.#kept.session });
      if (!answer.ok) return;
      const { messages } = await answer.json();
      for (const message of messages) this.#put(message);
      this.#offer(this.#kept.waiting.length ? null : messages.at(-1)?.choices);
    }

    // Tries again by itself, with the same id, so that what did arrive is not heard twice.
    #lose() {
      this.#isLost = true;
      this.#showState();
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#resume(), pause((this.#misses += 1)));
    }

    async #resume() {
      if (this.#kept.waiting.length) return this.#sendNext();
      try {
        if (this.#kept.hasBegun) await this.#catchUp();
        this.#isLost = false;
        this.#misses = 0;
        this.#showState();
        this.#follow();
      } catch {
        this.#lose();
      }
    }

    #online = () => {
      this.#misses = 0;
      clearTimeout(this.#again);
      this.#resume();
    };

    #offline = () => {
      this.#isLost = true;
      this.#unfollow();
      this.#showState();
    };

    #seen = () => {
      // A browser has few lines to one server, and people have many tabs.
      if (document.hidden) this.#unfollow();
      else this.#follow();
    };

    // The server tells as it happens what is new. The token goes in a header, so the stream is read by fetch; after a
    // break it is taken up behind the last message that was told.
    async #follow() {
      if (this.#live !== null || document.hidden || !this.#kept.hasBegun || !this.isConnected) return;
      const mine = (this.#live = new AbortController());
      let isGood = false;
      let goesOn = true;
      try {
        const headers = this.#last ? { "Last-Event-ID": this.#last } : {};
        const answer = await this.#call("/live", { token: this.#kept.session, headers, signal: mine.signal });
        goesOn = answer.ok || answer.status >= 500 || answer.status === 429;
        if (answer.ok && answer.body !== null) {
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          let rest = "";
          for (let part = await reader.read(); !part.done; part = await reader.read()) {
            isGood = true;
            const events = (rest + part.value).split("\n\n");
            rest = events.pop();
            for (const event of events) this.#told(event);
          }
        }
      } catch {
        // It broke off, or the server is away; either way it is taken up again where it stopped.
      }
      if (this.#live !== mine) return;
      this.#live = null;
      this.#showTyping(null);
      if (!goesOn) return;
      const misses = isGood ? 0 : (this.#misses += 1);
      await wait(pause(misses));
      this.#follow();
    }

    #unfollow() {
      this.#live?.abort();
      this.#live = null;
    }

    #told(event) {
      const [, kind] = /^event: ?(.+)$/m.exec(event) ?? [];
      const [, text] = /^data: ?(.+)$/m.exec(event) ?? [];
      const [, id] = /^id: ?(.+)$/m.exec(event) ?? [];
      if (id) this.#last = id;
      if (!kind || !text) return;
      const data = JSON.parse(text);
      if (kind === "message") this.#put(data, true);
      if (kind === "speaker") this.#showSpeaker(data);
      if (kind === "typing") this.#showTyping(data.who);
      if (kind === "rating") this.#askRating(data.asked);
    }

    // --- What is shown.

    #build({ seller, language }) {
      const words = this.#words;
      const box = (className, more = {}) => make("div", { className, ...more });
      this.lang = language;
      const count = make("span", { className: "count", hidden: true, "aria-hidden": "true" });
      const launch = make("button", { type: "button", className: "launch", "aria-haspopup": "dialog", "aria-expanded": "false",
        onclick: () => (this.parts.dialog.open ? this.#hide() : this.#show(true)) }, icon("chat"), words.button, count);
      const speaks = make("p", {}, words.assistant);
      const close = make("button", { type: "button", className: "plain", "aria-label": words.close, onclick: () => this.#hide() }, icon("close"));
      const title = make("h2", { id: "title" }, words.title.replace("{seller}", seller.name));
      const log = box("log", { role: "log", "aria-live": "polite", "aria-label": words.conversation, tabIndex: 0 });
      const status = make("p", { className: "status", role: "status" });
      const offline = make("p", { className: "offline", role: "status" });
      const rating = box("choices", { role: "group", hidden: true });
      const choices = box("choices", { role: "group", hidden: true });
      const wrong = make("p", { className: "wrong", role: "alert" });
      const chosen = box("chosen", { hidden: true, role: "group", "aria-label": words.sent_files });
      const text = make("textarea", { id: "text", rows: 1, maxLength: 8000, placeholder: words.placeholder, enterKeyHint: "send",
        autocomplete: "off", onkeydown: (event) => this.#typed(event) });
      const pick = make("input", { type: "file", multiple: true, hidden: true, tabIndex: -1, onchange: () => this.#choose(pick) });
      const attach = make("button", { type: "button", className: "plain", "aria-label": words.attach, onclick: () => pick.click() }, icon("clip"));
      const go = make("button", { type: "submit", className: "plain go", "aria-label": words.send }, icon("send"));
      const label = make("label", { className: "unseen", htmlFor: "text" }, words.label);
      const form = make("form", { onsubmit: (event) => this.#submit(event) }, attach, pick, label, text, go);
      const head = make("header", {}, make("div", {}, title, speaks), close);
      const dialog = make("dialog", { "aria-labelledby": "title", tabIndex: -1, onkeydown: (event) => this.#escape(event),
        oncancel: () => this.#hide(), onclose: () => this.#closed() }, head, log, status, rating, choices, wrong, chosen, offline, form);
      this.parts = { launch, count, dialog, speaks, close, log, status, offline, rating, choices, wrong, chosen, text };
      const isInline = this.hasAttribute("data-inline");
      close.hidden = isInline;
      this.shadowRoot.append(...(isInline ? [dialog] : [launch, dialog]));
      this.#clear();
      this.#showState();
    }

    #clear() {
      const { log, speaks, rating } = this.parts;
      const words = this.#words;
      const [kind, ...number] = (this.dataset.about ?? "").split(" ");
      const about = words.about[kind]?.replace("{number}", number.join(" "));
      log.replaceChildren();
      speaks.textContent = words.assistant;
      rating.hidden = true;
      this.#bubble({ author: "assistant", text: about ? words.greeting_about.replace("{about}", about) : words.greeting });
      this.#offer({ label: words.starters, say: about ? words.ask_about[kind] : words.ask });
    }

    // On a phone it fills the screen and is modal; elsewhere the page beside it stays in use.
    #show(isAsked) {
      const { dialog, launch, text, log } = this.parts;
      const isModal = matchMedia(PHONE).matches && !this.hasAttribute("data-inline");
      if (!dialog.open) {
        if (isModal) dialog.showModal();
        else dialog.setAttribute("open", ""); // show() would take the focus
      }
      dialog.toggleAttribute("data-still", !isAsked);
      launch.setAttribute("aria-expanded", "true");
      this.#kept.isOpen = true;
      this.#keep();
      this.#count(0);
      log.scrollTop = log.scrollHeight;
      if (isAsked) text.focus();
    }

    #hide() {
      const { dialog } = this.parts;
      if (dialog.open) dialog.close();
    }

    #closed() {
      const { dialog, launch } = this.parts;
      if (dialog.open) return; // it was only shown in another way
      this.#kept.isOpen = false;
      this.#keep();
      launch.setAttribute("aria-expanded", "false");
      launch.focus();
    }

    #escape(event) {
      if (event.key !== "Escape" || event.isComposing || this.hasAttribute("data-inline")) return;
      event.preventDefault();
      event.stopPropagation();
      this.#hide();
    }

    #widthChanged = () => {
      const { dialog } = this.parts;
      if (!dialog.open || this.hasAttribute("data-inline")) return;
      const hadFocus = this.shadowRoot.activeElement;
      dialog.close();
      this.#show(false);
      hadFocus?.focus();
    };

    // One message, put where it belongs; the server's ids sort by time.
    #put(message, isNews = false) {
      if (this.#places.has(message.id)) return;
      const mine = this.#kept.waiting.find((one) => one.id === message.key) ?? null;
      const place = mine?.place ?? (message.key && this.shadowRoot.querySelector(`article[data-key="${CSS.escape(message.key)}"]`));
      const made = place || this.#bubble(message);
      this.#places.set(message.id, made);
      made.dataset.id = message.id;
      delete made.dataset.waits;
      const later = [...this.parts.log.children].find((one) => one !== made && (one.dataset.id > message.id || one.dataset.waits));
      if (later) this.parts.log.insertBefore(made, later);
      else this.parts.log.append(made);
      if (message.author !== "customer") {
        this.#offer(null);
        if (isNews && !this.parts.dialog.open) this.#count(this.#unread + 1);
        if (message.author !== "assistant") this.#showTyping(null);
      }
      this.parts.log.scrollTop = this.parts.log.scrollHeight;
    }

    #bubble({ author, text, at, files = [], key }) {
      const words = this.#words;
      if (author === "system") return this.#note(text);
      const kind = author === "customer" || author === "assistant" ? author : "person";
      const made = make("article", { className: kind });
      if (key) made.dataset.key = key;
      const name = { customer: words.you, assistant: words.assistant, person: author === "agent" ? words.agent : author }[kind];
      made.append(make("h3", kind === "person" ? {} : { className: "unseen" }, name));
      if (text) made.append(make("p", { className: "said" }, text));
      for (const file of files) made.append(file.id ? this.#link(file) : make("p", { className: "said" }, file.name));
      if (at) {
        const clock = new Date(at).toLocaleTimeString(this.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
        made.append(make("p", { className: "at" }, make("time", { dateTime: at }, clock)));
      }
      this.parts.log.append(made);
      this.parts.log.scrollTop = this.parts.log.scrollHeight;
      return made;
    }

    #note(text) {
      const made = make("p", { className: "note" }, text);
      this.parts.log.append(made);
      this.parts.log.scrollTop = this.parts.log.scrollHeight;
      return made;
    }

    #link({ id, name }) {
      const label = this.#words.download.replace("{name}", name);
      return make("button", { type: "button", className: "file", "aria-label": label, onclick: () => this.#fetch(id, name) },
        icon("file"), make("span", {}, name));
    }

    // The token goes in a header, so the file is fetched and then handed to the browser to keep.
    async #fetch(id, name) {
      const answer = await this.#call(`/files/${id}`, { token: this.#kept.session }).catch(() => null);
      if (!answer?.ok) return this.#warn(this.#words.no_download);
      const address = URL.createObjectURL(await answer.blob());
      make("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    }

    // Quick answers: of a kind that the last answer asks for, or what to ask first.
    #offer(kind) {
      const { choices, log, text } = this.parts;
      const offered = typeof kind === "string" ? this.#words.choices[kind] : kind;
      const hadFocus = choices.contains(this.shadowRoot.activeElement);
      choices.hidden = !offered;
      if (offered) {
        choices.setAttribute("aria-label", offered.label);
        choices.replaceChildren(...offered.say.map((say) => make("button", { type: "button", onclick: () => this.#write(say) }, say)));
      }
      // Whoever stood on a button that goes away is not left nowhere, and no keyboard comes up over half a phone.
      if (hadFocus && !offered) (matchMedia("(hover: hover)").matches ? text : log).focus();
    }

    #showState() {
      const { status, offline } = this.parts;
      const isAway = this.#isLost || !navigator.onLine;
      this.#say(offline, isAway ? this.#words.offline : "");
      offline.hidden = !isAway;
      const looks = this.#isBusy && !isAway && this.#speaker !== "agent";
      this.#say(status, looks ? this.#words.looking : "", looks);
      for (const { place } of this.#kept.waiting) {
        if (!place || place.dataset.id) continue;
        place.dataset.waits = "1";
        const line = place.querySelector(".trouble");
        if (isAway && !line) place.append(make("p", { className: "trouble" }, this.#words.not_yet));
        else if (!isAway) line?.remove();
      }
    }

    // The places are always there and only their words change: that is what screen readers say aloud.
    #say(place, words, hasDots = false) {
      if (place.textContent !== words) place.textContent = words;
      place.classList.toggle("dots", hasDots);
    }

    #showTyping(who) {
      if (this.#isBusy && this.#speaker !== "agent") return;
      this.#say(this.parts.status, who ? this.#words.writing.replace("{who}", who) : "", Boolean(who));
    }

    // That somebody came or went stands in the log, as the server wrote it; here it says who answers now.
    #showSpeaker({ speaker, name }) {
      const isPerson = speaker === "agent";
      this.#speaker = speaker;
      this.parts.speaks.textContent = isPerson ? (name ?? this.#words.agent) : this.#words.assistant;
      if (isPerson) this.#offer(null); // a person asks in their own words
    }

    #askRating(isAsked) {
      const { rating } = this.parts;
      const words = this.#words;
      rating.hidden = !isAsked;
      if (!isAsked) return;
      rating.setAttribute("aria-label", words.rating);
      const give = async (score) => {
        const answer = await this.#call("/rating", { token: this.#kept.session, body: { score } }).catch(() => null);
        if (!answer?.ok) return this.#warn(words.not_sent);
        const hadFocus = rating.contains(this.shadowRoot.activeElement);
        rating.hidden = true;
        this.#note(words.thanks);
        if (hadFocus) this.parts.log.focus();
      };
      rating.replaceChildren(...words.scores.map((label, at) => make("button", { type: "button", onclick: () => give(at + 1) }, `${at + 1} · ${label}`)));
      this.parts.log.scrollTop = this.parts.log.scrollHeight;
    }

    #count(unread) {
      const { count, launch } = this.parts;
      this.#unread = unread;
      count.hidden = unread === 0;
      count.textContent = unread;
      if (unread) launch.setAttribute("aria-label", this.#words.unread.replace("{count}", unread));
      else launch.removeAttribute("aria-label");
    }

    #warn(words) {
      this.#say(this.parts.wrong, words);
    }

    // Sending it again would not help; the sentence says why.
    #refuse(message, { title = "", why, name }) {
      this.#kept.waiting = this.#kept.waiting.filter((one) => one !== message);
      const words = this.#words.refused[why]?.replace("{name}", name ?? "") ?? title;
      delete message.place.dataset.waits;
      message.place.append(make("p", { className: "trouble", role: "alert" }, `${this.#words.not_sent} ${words}`));
    }

    // --- What is written.

    #typed(event) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.target.form.requestSubmit();
    }

    #submit(event) {
      event.preventDefault();
      const { text } = this.parts;
      if (this.#write(text.value)) text.value = "";
      text.focus();
    }

    #write(words) {
      const text = words.trim();
      const files = this.#chosen;
      if (text === "" && files.length === 0) return false;
      const message = { id: newId(), text, files };
      this.#warn("");
      message.place = this.#bubble({ author: "customer", text, at: new Date().toISOString(), key: message.id,
        files: files.map(({ name }) => ({ name })) });
      this.#chosen = [];
      this.#showChosen();
      this.#offer(null);
      this.#kept.waiting.push(message);
      this.#keep();
      this.#showState();
      this.#sendNext();
      return true;
    }

    #choose(pick) {
      const files = [...this.#chosen, ...pick.files];
      pick.value = "";
      const refused = this.#words.refused;
      const large = files.find((file) => file.size > FILE_BYTES_MAX);
      const empty = files.find((file) => file.size === 0);
      if (large) return this.#warn(refused.too_large.replace("{name}", large.name));
      if (empty) return this.#warn(refused.empty.replace("{name}", empty.name));
      if (files.length > FILES_MAX) return this.#warn(refused.too_many);
      if (files.reduce((sum, file) => sum + file.size, 0) > FILES_BYTES_MAX) return this.#warn(refused.too_much);
      this.#warn("");
      this.#chosen = files;
      this.#showChosen();
      this.parts.text.focus();
    }

    #showChosen() {
      const { chosen } = this.parts;
      chosen.hidden = this.#chosen.length === 0;
      chosen.replaceChildren(...this.#chosen.map((file) => make("button", { type: "button",
        "aria-label": this.#words.remove.replace("{name}", file.name), onclick: () => {
          this.#chosen = this.#chosen.filter((one) => one !== file);
          this.#showChosen();
          this.parts.text.focus();
        } }, `${file.name} ×`)));
    }
  }

  if (customElements.get("parley-chat")) return;
  customElements.define("parley-chat", ParleyChat);
  if (script.dataset.seller && document.querySelector("parley-chat") === null) {
    const stand = () => {
      const element = document.createElement("parley-chat");
      Object.assign(element.dataset, script.dataset);
      document.body.append(element);
    };
    if (document.body) stand();
    else addEventListener("DOMContentLoaded", stand);
  }
})();
