/* Photos that were chosen and are not up yet, kept by this browser over reloads, crashes and empty batteries: each
   under the id it is sent with, so that one that got there before the crash is not there twice. They are of one
   person: another one who logs in here neither sees nor sends them. */

/* Where the browser keeps nothing (private windows of some), photos are sent all the same. */
const nowhere = {
  lasting: false,
  keep: async () => {},
  sent: async () => {},
  refused: async () => {},
  forget: async () => {},
  has: async () => true,
  done: async () => {},
  all: async () => [],
};

/* On the disk when the promise is kept, and not only in a cache that a dead battery takes along. */
const SURELY = { durability: "strict" };

export async function open(idbUrl, person) {
  try {
    const { openDB } = await import(idbUrl);
    const db = await openDB("unsent", 1, {
      upgrade(made) {
        for (const name of ["photos", "choices"]) made.createObjectStore(name, { keyPath: "id" }).createIndex("person", "person");
      },
    });
    return storeOf(db, person);
  } catch {
    return nowhere;
  }
}

function storeOf(db, person) {
  const writing = () => db.transaction(["photos", "choices"], "readwrite", SURELY);
  return {
    lasting: true,

    /* choice: {id, together, draft, sent: ids}; items: {id, file} */
    async keep(choice, items) {
      const all = writing();
      const { id, together, draft, sent } = choice;
      await all.objectStore("choices").put({ id, person, together, draft, sent: [...sent] });
      for (const [at, item] of items.entries()) {
        await all.objectStore("photos").put({ id: item.id, person, choice: id, at, file: item.file, name: item.file.name, why: "" });
      }
      await all.done;
    },

    /* It is up: one act with the note of it, or a choice would forget a photo of its sighting. */
    async sent(choice, id) {
      const all = writing();
      await all.objectStore("photos").delete(id);
      const kept = await all.objectStore("choices").get(choice.id);
      if (kept) await all.objectStore("choices").put({ ...kept, draft: choice.draft, sent: [...new Set([...kept.sent, id])] });
      await all.done;
    },

    async refused(id, why) {
      const all = writing();
      const kept = await all.objectStore("photos").get(id);
      if (kept) await all.objectStore("photos").put({ ...kept, why });
      await all.done;
    },

    forget: (id) => db.delete("photos", id),
    has: async (id) => (await db.getKey("photos", id)) !== undefined,
    done: (choice) => db.delete("choices", choice.id),

    /* [{id, together, draft, sent, photos: [{id, file, name, why}]}] */
    async all() {
      const choices = await db.getAllFromIndex("choices", "person", person);
      const photos = await db.getAllFromIndex("photos", "person", person);
      const of = (choice) => photos.filter((each) => each.choice === choice.id).sort((one, other) => one.at - other.at);
      return choices.map((choice) => ({ ...choice, photos: of(choice) }));
    },
  };
}
